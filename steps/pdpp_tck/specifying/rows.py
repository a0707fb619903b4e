"""The lines of the ledger file: where an entry stands, and how one field of it is written anew."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pdpp_tck.openspec import Finding

_ID = re.compile(r"""\s*id\s*=\s*(["'])(?P<id>.+?)\1\s*(?:#.*)?""")
_TABLE = re.compile(r"\s*\[")


@dataclass(frozen=True, slots=True)
class Rows:
    """The text of a ledger as it stands, and the line of each entry's id, from 1."""

    path: Path
    lines: tuple[str, ...]
    at: Mapping[str, int]

    def with_field(self, id: str, field: str, value: str) -> Rows:
        """The same with a text field of one entry written anew; comments and layout stay."""
        start = end = self.at[id] - 1
        while start > 0 and not _TABLE.match(self.lines[start]):
            start -= 1
        while end < len(self.lines) and not _TABLE.match(self.lines[end]):
            end += 1
        return self._written(range(start, end), field, value)

    def with_digest(self, value: str) -> Rows:
        """The same with another digest."""
        start = next(n for n, line in enumerate(self.lines) if line.strip().startswith("[spec]"))
        return self._written(range(start, len(self.lines)), "digest", value)

    @property
    def digested(self) -> bool:
        """Whether the file holds a digest of its clauses."""
        return any(line.strip().startswith("[spec]") for line in self.lines)

    @property
    def text(self) -> str:
        """The file's text."""
        return "".join(self.lines)

    def _written(self, where: range, field: str, value: str) -> Rows:
        named = re.compile(rf"""(\s*{field}\s*=\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*')(.*)""", re.DOTALL)
        lines = list(self.lines)
        for number in where:
            found = named.fullmatch(lines[number])
            if found:
                lines[number] = f"{found[1]}{value}{found[2]}"
                return Rows(self.path, tuple(lines), self.at)
        raise LookupError(f"{self.path}:{where.start + 1}: no {field} of its own is written in this table")


def finding(rows: Sequence[Rows], id: str, kind: str, message: str) -> Finding:
    """A finding that an entry of a ledger is the place of."""
    mine = next((each for each in rows if id in each.at), rows[0])
    return Finding(mine.path, mine.at.get(id, 1), id, kind, message)


def read_rows(path: Path) -> Rows:
    """The rows of a ledger file, which is one that can be read."""
    # Line ends are kept as they are, so that what is not changed stays byte for byte.
    with path.open(encoding="utf-8", newline="") as file:
        lines = tuple(file)
    found = ((number, _ID.fullmatch(line.rstrip("\r\n"))) for number, line in enumerate(lines, 1))
    return Rows(path, lines, {match["id"]: number for number, match in found if match})
