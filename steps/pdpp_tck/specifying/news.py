"""What of a specification the ledger does not have yet, with the ids that it would get."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pdpp_tck.ledger import Kind, Ledger, Level, Requirement
from pdpp_tck.openspec import Sentence, Spec, SpecRequirement, SpecScenario
from pdpp_tck.specifying.drift import Compared, compare

_TAKEN = ("CP", "ST")
_BINDS = re.compile(r"\b(connector|host|storage)s?\b[^.]*?\b(?:SHALL|MAY)\b", re.IGNORECASE)
_NAMES = re.compile(r"\b(connector|host|storage)s?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NewClause:
    """A clause without a row; ``kind`` is a guess from the sentence."""

    id: str
    level: Level
    kind: Kind
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class NewScenario:
    """A scenario without rows."""

    id: str
    title: str
    premises: tuple[str, ...]
    clauses: tuple[NewClause, ...]


@dataclass(frozen=True, slots=True)
class NewRequirement:
    """A requirement with what in it is new; where it is ``known``, the ledger has the rest."""

    id: str
    known: bool
    spec: SpecRequirement
    clauses: tuple[NewClause, ...]
    scenarios: tuple[NewScenario, ...]


@dataclass(frozen=True, slots=True)
class News:
    """All that is new; ``beside`` are clauses of scenarios that the ledger has, which only there can grow."""

    requirements: tuple[NewRequirement, ...]
    beside: tuple[NewClause, ...]


def news(ledger: Ledger, spec: Spec, of: Sequence[SpecRequirement]) -> News:
    """What is new in these requirements of the specification."""
    compared = compare(ledger, spec)
    wanted = {id(requirement) for requirement in of}
    found = [
        made
        for ours in ledger.requirements
        if id(compared.requirements.get(ours.id)) in wanted and (made := _grown(ours, compared))
    ]
    taken = [requirement.id for requirement in ledger.requirements]
    for requirement in compared.new:
        if id(requirement) in wanted:
            taken.append(_id(requirement, ledger, taken))
            found.append(_whole(taken[-1], requirement))
    beside = [
        clause
        for theirs, pair in compared.pairs
        if not pair.clauses and pair.sentence and "/T" in pair.id and id(theirs) in wanted
        for clause in _clauses(pair.id, pair.sentence)
    ]
    return News(tuple(found), tuple(beside))


def _grown(ours: Requirement, compared: Compared) -> NewRequirement | None:
    theirs = compared.requirements[ours.id]
    stem = f"{ours.id}/R"
    fresh = [pair for _, pair in compared.pairs if not pair.clauses and pair.id.startswith(stem)]
    clauses = [clause for pair in fresh if pair.sentence for clause in _clauses(pair.id, pair.sentence)]
    last = max((int(scenario.id.rpartition(".")[2]) for scenario in ours.scenarios), default=0)
    mine = [scenario for other, _, scenario in compared.new_scenarios if other.id == ours.id]
    scenarios = [_scenario(f"{ours.id}.{n}", each) for n, each in enumerate(mine, last + 1)]
    if not (clauses or scenarios):
        return None
    return NewRequirement(ours.id, True, theirs, tuple(clauses), tuple(scenarios))


def _whole(id: str, spec: SpecRequirement) -> NewRequirement:
    clauses = [clause for s in spec.sentences for clause in _clauses(f"{id}/{s.mark}", s)]
    scenarios = [_scenario(f"{id}.{n}", each) for n, each in enumerate(spec.scenarios, 1)]
    return NewRequirement(id, False, spec, tuple(clauses), tuple(scenarios))


def _scenario(id: str, spec: SpecScenario) -> NewScenario:
    clauses = [clause for s in spec.sentences for clause in _clauses(f"{id}/{s.mark}", s)]
    return NewScenario(id, spec.title, spec.premises, tuple(clauses))


def _clauses(id: str, sentence: Sentence) -> Iterator[NewClause]:
    found = _BINDS.search(sentence.text) or _NAMES.search(sentence.text)
    kinds: dict[str, Kind] = {"connector": "connector", "storage": "storage"}
    kind = kinds.get(found[1].lower(), "host") if found else "host"
    return (NewClause(each.mark, each.level, kind, sentence) for each in sentence.clauses_as(id))


def _id(requirement: SpecRequirement, ledger: Ledger, taken: Iterable[str]) -> str:
    """The next free id of its capability's most usual letters, or of the capability's own."""
    known = Counter(r.id[:2] for r in ledger.requirements if r.capability == requirement.capability)
    letters = known.most_common(1)[0][0] if known else _letters(requirement.capability, taken)
    last = max((int(id[3:]) for id in taken if id.startswith(letters)), default=0)
    return f"{letters}-{last + 1:02}"


def _letters(capability: str, taken: Iterable[str]) -> str:
    used = {*_TAKEN, *(id[:2] for id in taken)}
    words = re.findall(r"[A-Z]+", capability.upper()) or ["NEW"]
    initials = "".join(word[0] for word in words)
    wanted = [initials[:2], *(a + b for a in "".join(words) for b in "".join(words)), "XA", "XB", "XC"]
    return next((two for two in wanted if len(two) == 2 and two not in used), "XX")
