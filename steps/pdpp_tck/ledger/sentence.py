"""One sentence of the specification: its hash, and the clauses that its modals make of it."""

import hashlib
import re
import string
from dataclasses import dataclass

from pdpp_tck.ledger.model import Level

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
    """One sentence of the spec, its white space collapsed, without bullet and keyword."""

    mark: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 hex of the text; the halves of a sentence with two modals share it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def clauses(self) -> tuple[SpecClause, ...]:
        """One clause, or one for each modal, told apart by a, b, …"""
        levels = _levels(self.text)
        if len(levels) == 1:
            return (SpecClause(self.mark, levels[0], self.hash),)
        marks = (self.mark + letter for letter in string.ascii_lowercase)
        return tuple(SpecClause(mark, level, self.hash) for level, mark in zip(levels, marks, strict=False))


def _levels(text: str) -> tuple[Level, ...]:
    known: dict[str, Level] = {"SHALL": "SHALL", "SHALL NOT": "SHALL NOT", "MAY": "MAY"}
    modals = tuple(known[modal.upper()] for modal in _MODAL.findall(text))
    return modals or (("SHALL NOT",) if _NEGATION.search(text) else ("SHALL",))
