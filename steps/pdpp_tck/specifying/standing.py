"""What a specification says of the clauses that a run judges: their sentences, and which have changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pdpp_tck.ledger import Clause, Ledger
from pdpp_tck.openspec import SpecRequirement
from pdpp_tck.specifying.drift import changed, compare
from pdpp_tck.specifying.pairing import Pair
from pdpp_tck.specifying.subject import spec_at


@dataclass(frozen=True, slots=True)
class Standing:
    """By a clause's id: why its verdict is `stale`, and the spec's own sentence for it."""

    stale: Mapping[str, str] = field(default_factory=dict)
    sentences: Mapping[str, str] = field(default_factory=dict)


def standing(folder: Path, ledger: Ledger) -> Standing:
    """How the clauses stand to the specification in a folder; raises UsageError.

    What observes a changed sentence in another's place, or works it out, is stale with it.
    """
    stale: dict[str, str] = {}
    sentences: dict[str, str] = {}
    for theirs, pair in compare(ledger, spec_at(folder)).pairs:
        if pair.sentence is None:
            continue
        for clause in pair.clauses:
            sentences[clause.id] = pair.sentence.text
            if changed(clause, pair) is not None:
                for judged in _judged(clause, ledger):
                    stale.setdefault(judged.id, _told(clause, theirs, pair))
    return Standing(stale, sentences)


def _judged(clause: Clause, ledger: Ledger) -> Iterator[Clause]:
    """The clauses by which a clause is judged."""
    yield ledger.observation(clause.id)
    yield from (other for other in ledger.clauses if other.restates == clause.id)


def _told(clause: Clause, theirs: SpecRequirement, pair: Pair) -> str:
    line = pair.sentence.line if pair.sentence else theirs.line
    return f"the sentence of {clause.id} has changed at {theirs.file}:{line}"
