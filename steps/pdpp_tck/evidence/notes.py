"""The evidence file: a header, then one JSON line for each thing that crossed the door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMAT = 1


class EvidenceError(Exception):
    """An evidence file cannot be judged; the message says why and what to do."""


class Notes:
    """The entries of one execution, in memory and, line by line, in a file."""

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.header: dict[str, Any] = {"entry": "header", "format": FORMAT, **header}
        self.entries: list[dict[str, Any]] = []
        self._file = path.open("x", encoding="utf-8")
        self._write(self.header)

    def add(self, kind: str, began: float, ended: float, **content: Any) -> dict[str, Any]:
        """Append an entry; it is on disk when this returns."""
        entry = {
            "entry": kind,
            "n": len(self.entries) + 1,
            "began": round(began, 6),
            "ended": round(ended, 6),
            **content,
        }
        self._write(entry)
        self.entries.append(entry)
        return entry

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()


def read_notes(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The header and the entries of an evidence file; raises EvidenceError naming the bad line."""
    lines = list(_lines(path))
    if not lines or lines[0].get("entry") != "header" or lines[0].get("format") != FORMAT:
        raise EvidenceError(
            f"{path}: line 1 is no evidence header of format {FORMAT}; was this made by a run?"
        )
    entries = lines[1:]
    for position, entry in enumerate(entries, start=1):
        if entry.get("n") != position:
            raise EvidenceError(
                f"{path}: line {position + 1}: entry {entry.get('n')!r} stands where {position} is due"
            )
    return lines[0], entries


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EvidenceError(f"{path}: cannot be read: {error}") from None
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise EvidenceError(f"{path}: line {number} is not JSON: {error}") from None
        if not isinstance(entry, dict):
            raise EvidenceError(f"{path}: line {number} is no entry")
        yield entry
    if text and not text.endswith("\n"):
        raise EvidenceError(f"{path}: the last line is cut off; run the scenario again")
