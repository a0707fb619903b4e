"""Two folders change places in one instant, where the system can do that."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_HERE = -100
_EXCHANGE = 2


def swap(new: Path, old: Path) -> Path | None:
    """Put `new` where `old` is; what was there comes back under another name, None where nothing was.

    Where the system cannot exchange two names, `old` is missing for an instant.
    """
    if not old.exists():
        new.rename(old)
        return None
    if _exchanged(new, old):
        return new
    aside = new.with_name(f"{new.name}.old")
    old.rename(aside)
    new.rename(old)
    return aside


def _exchanged(new: Path, old: Path) -> bool:
    """Whether the system exchanged the two names."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(os.fsencode(new), os.fsencode(old), _EXCHANGE) == 0)
        names = (_HERE, os.fsencode(new), _HERE, os.fsencode(old), _EXCHANGE)
        return bool(library.renameat2(*names) == 0)
    except (AttributeError, OSError):
        return False
