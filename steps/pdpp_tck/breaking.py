"""Where in Python something broke that nobody foresaw."""

from __future__ import annotations

import traceback
from pathlib import Path

_KIT = Path(__file__).parent
_LIBRARIES = "site-packages"


def place_of(error: BaseException) -> str:
    """` (file.py, line 7)`: the innermost frame outside libraries, whole where it is no file of the kit's."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _LIBRARIES not in Path(frame.filename).parts] or list(frames)
    if not own:
        return ""
    file = Path(own[-1].filename)
    return f" ({file.name if file.is_relative_to(_KIT) else file}, line {own[-1].lineno})"
