"""What a report writer is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol


class ReportWriter(Protocol):
    """Tells a report in another form; the same report makes the same text."""

    name: str
    """By which `--format` may ask for it."""
    file: str
    """The file that it makes in a folder of reports."""

    def write(self, report: Mapping[str, Any], folder: Path) -> str:
        """The text; `folder` is where the report's evidence lies."""
