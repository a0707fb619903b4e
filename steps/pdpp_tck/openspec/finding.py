"""A finding: what is wrong in a specification, or has moved in it, and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One difference or mistake; ``id`` is the ledger's where it has one, else the titles that lead there."""

    file: Path
    line: int
    id: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.kind}: {self.id}: {self.message}"
