"""One sentence of the specification: its hash, and the clauses that its modals make of it."""

from __future__ import annotations

import hashlib
import re
import string
from dataclasses import dataclass, field

from pdpp_tck.ledger import Level

_MODAL = re.compile(r"\b(SHALL NOT|SHALL|(?i:may))\b")
_NEGATION = re.compile(r"\b(not|never|cannot)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SpecClause:
    """One obligation of a sentence: ``mark`` is the end of its id, such as ``R2a`` or ``T1``."""

    mark: str
    level: Level
    hash: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the spec, its white space collapsed, without bullet and keyword, and its line."""

    mark: str
    text: str
    line: int = field(default=0, compare=False)

    @property
    def hash(self) -> str:
        """SHA-256 hex of the text; the halves of a sentence with two modals share it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def levels(self) -> tuple[Level, ...]:
        """The level of each of its clauses."""
        known: dict[str, Level] = {"SHALL": "SHALL", "SHALL NOT": "SHALL NOT", "MAY": "MAY"}
        modals = tuple(known[modal.upper()] for modal in _MODAL.findall(self.text))
        return modals or (("SHALL NOT",) if _NEGATION.search(self.text) else ("SHALL",))

    def clauses_as(self, mark: str) -> tuple[SpecClause, ...]:
        """Its clauses under another mark: one, or one for each modal, told apart by a, b, …"""
        levels = self.levels
        if len(levels) == 1:
            return (SpecClause(mark, levels[0], self.hash),)
        marks = (mark + letter for letter in string.ascii_lowercase)
        return tuple(SpecClause(each, level, self.hash) for level, each in zip(levels, marks, strict=False))

    @property
    def clauses(self) -> tuple[SpecClause, ...]:
        """Its clauses under its own mark."""
        return self.clauses_as(self.mark)
