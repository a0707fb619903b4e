"""Which entry of the ledger is which text of the specification, when either may have moved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import TypeVar

from pdpp_tck.ledger import Clause, Requirement, Scenario
from pdpp_tck.openspec import Sentence, SpecRequirement, SpecScenario

_Spec = TypeVar("_Spec", SpecRequirement, SpecScenario)
_MARK = re.compile(r"(?P<sentence>.*/[RT]\d+)[a-z]?")


@dataclass(frozen=True, slots=True)
class Pair:
    """The clauses of one sentence in the ledger, and the spec's sentence; either may be missing.

    ``id`` is the sentence's: that of its clause, or of its clauses without their letter.
    """

    id: str
    clauses: tuple[Clause, ...]
    sentence: Sentence | None


def partners(ours: Sequence[Requirement | Scenario], theirs: Sequence[_Spec]) -> dict[str, _Spec]:
    """The spec's text of each entry, by the entry's id: the likest pairs first, nothing paired twice."""
    mine = [(entry.id, entry.title, _own_hashes(entry)) for entry in ours]
    texts = [(spec.title, _spec_hashes(spec)) for spec in theirs]
    marks = [
        (_likeness(title, hashes, *texts[number]), id, number)
        for (id, title, hashes), number in product(mine, range(len(texts)))
    ]
    found: dict[str, int] = {}
    for likeness, id, number in sorted(marks, key=lambda mark: mark[0], reverse=True):
        if any(likeness) and id not in found and number not in found.values():
            found[id] = number
    return {id: theirs[number] for id, number in found.items()}


def sentences(owner: str, ours: Sequence[Clause], theirs: Sequence[Sentence]) -> list[Pair]:
    """Each sentence of an entry with its text in the spec: the unchanged ones, wherever they stand, first.

    What is left is paired in order between the same unchanged neighbours; ids are permanent, so what
    is then still left of the spec's gets the next free ones.
    """
    known = {id: tuple(some) for id, some in groupby(ours, _sentence_of)}
    left = list(theirs)
    kept: dict[str, Sentence] = {}
    for id, clauses in known.items():
        same = next((sentence for sentence in left if sentence.hash == clauses[0].hash), None)
        if same is not None:
            kept[id] = same
            left.remove(same)
    kept |= _between(known, kept, theirs, left)
    new = [sentence for sentence in left if all(sentence is not other for other in kept.values())]
    made = [Pair(id, clauses, kept.get(id)) for id, clauses in known.items()]
    letter = theirs[0].mark[0] if theirs else ""
    free = _free(f"{owner}/{letter}", known)
    return made + [Pair(next(free), (), sentence) for sentence in new]


def _between(
    known: dict[str, tuple[Clause, ...]],
    kept: dict[str, Sentence],
    theirs: Sequence[Sentence],
    left: Sequence[Sentence],
) -> dict[str, Sentence]:
    """The changed sentences: those that stand behind one and the same unchanged one, in order."""
    waiting: dict[Sentence | None, list[Sentence]] = {}
    before: Sentence | None = None
    for sentence in theirs:
        if any(sentence is other for other in left):
            waiting.setdefault(before, []).append(sentence)
        else:
            before = sentence
    found: dict[str, Sentence] = {}
    before = None
    for id in known:
        if id in kept:
            before = kept[id]
        elif waiting.get(before):
            found[id] = waiting[before].pop(0)
    return found


def _free(stem: str, known: dict[str, tuple[Clause, ...]]) -> Iterator[str]:
    taken = [int(id.removeprefix(stem)) for id in known]
    number = max(taken, default=0)
    while True:
        number += 1
        yield f"{stem}{number}"


def _sentence_of(clause: Clause) -> str:
    found = _MARK.fullmatch(clause.id)
    return found["sentence"] if found else clause.id


def _likeness(title: str, ours: set[str], their_title: str, theirs: set[str]) -> tuple[bool, int]:
    """Whether the titles are one, and how many sentences are; fewer than half of ours are a coincidence."""
    shared = len(ours & theirs)
    return title == their_title, shared if 2 * shared >= len(ours) else 0


def _own_hashes(entry: Requirement | Scenario) -> set[str]:
    below = entry.scenarios if isinstance(entry, Requirement) else ()
    return {clause.hash for clause in entry.clauses if clause.hash}.union(*map(_own_hashes, below))


def _spec_hashes(entry: SpecRequirement | SpecScenario) -> set[str]:
    below = entry.scenarios if isinstance(entry, SpecRequirement) else ()
    return {sentence.hash for sentence in entry.sentences}.union(*map(_spec_hashes, below))
