"""What keeps a specification from being read at all; everything else is a finding."""

from __future__ import annotations

from pathlib import Path


class SpecNotFound(LookupError):
    """A folder holds no OpenSpec text."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"no specs/*/spec.md and no changes/*/specs/*/spec.md under {str(folder)!r}; "
            "give the folder that holds specs/ or changes/"
        )
        self.folder = folder


class ChangeNotFound(LookupError):
    """A folder has no change of a name."""

    def __init__(self, folder: Path, name: str, known: list[str]) -> None:
        there = ", ".join(known) or "none"
        super().__init__(f"{str(folder)!r} has no change {name!r}; its changes are {there}")
        self.name = name


class UnreadableSpec(ValueError):
    """A file cannot be read, or is no text in UTF-8."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: cannot be read: {reason}; give a Markdown file in UTF-8")
        self.file = file
