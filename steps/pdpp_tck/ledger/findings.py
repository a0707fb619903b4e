"""Comparing the ledger with the specification: what has moved since the ledger was written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal, TypeVar

from pdpp_tck.ledger.model import Clause, Ledger, Requirement, Scenario
from pdpp_tck.ledger.openspec import SpecRequirement, SpecScenario, read_openspec
from pdpp_tck.ledger.sentence import Sentence

What = Literal["missing", "unlisted", "title", "change", "capability", "hash", "level"]

_Spec = TypeVar("_Spec", SpecRequirement, SpecScenario)


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference; ``id`` is the ledger's or, for what it does not list, the spec's change and titles.

    ``missing``: the spec no longer has the entry. ``unlisted``: the ledger does not have it. Any other
    ``what`` names the field that differs, with its value in the ledger and in the spec.
    """

    what: What
    id: str
    ledger: str | None = None
    spec: str | None = None

    def __str__(self) -> str:
        if self.what == "missing":
            return (
                f"{self.id}: is in the ledger and not in the spec; remove it, or give the right spec folder"
            )
        if self.what == "unlisted":
            return f"{self.id}: is in the spec and not in the ledger; give it an entry"
        values = f"{self.ledger!r} in the ledger, {self.spec!r} in the spec"
        return f"{self.id}: {self.what} is {values}; read both again"


def drift(ledger: Ledger, spec_dir: Path) -> list[Finding]:
    """Every difference in titles, places, hashes and levels; raises SpecNotFound, UnreadableSpec.

    A renamed requirement or scenario is recognised by the sentences that it kept.
    """
    theirs = read_openspec(spec_dir)
    partners = _partners(ledger.requirements, theirs)
    found = [finding for ours in ledger.requirements for finding in _requirement(ours, partners.get(ours.id))]
    listed = list(partners.values())
    return found + [
        Finding("unlisted", f"{spec.change}: {spec.title}") for spec in theirs if spec not in listed
    ]


def _requirement(ours: Requirement, spec: SpecRequirement | None) -> Iterator[Finding]:
    if spec is None:
        yield Finding("missing", ours.id)
        return
    yield from _moved("title", ours.id, ours.title, spec.title)
    yield from _moved("change", ours.id, ours.change, spec.change)
    yield from _moved("capability", ours.id, ours.capability, spec.capability)
    yield from _clauses(ours.id, ours.clauses, spec.sentences)
    partners = _partners(ours.scenarios, spec.scenarios)
    for scenario in ours.scenarios:
        yield from _scenario(scenario, partners.get(scenario.id))
    for unlisted in spec.scenarios:
        if unlisted not in partners.values():
            yield Finding("unlisted", f"{spec.change}: {spec.title}: {unlisted.title}")


def _scenario(ours: Scenario, spec: SpecScenario | None) -> Iterator[Finding]:
    if spec is None:
        yield Finding("missing", ours.id)
        return
    yield from _moved("title", ours.id, ours.title, spec.title)
    yield from _clauses(ours.id, ours.clauses, spec.sentences)


def _clauses(owner: str, ours: Sequence[Clause], sentences: Sequence[Sentence]) -> Iterator[Finding]:
    theirs = {f"{owner}/{clause.mark}": clause for sentence in sentences for clause in sentence.clauses}
    for clause in ours:
        spec = theirs.pop(clause.id, None)
        if spec is None:
            yield Finding("missing", clause.id)
            continue
        yield from _moved("hash", clause.id, clause.hash or "", spec.hash)
        yield from _moved("level", clause.id, clause.level, spec.level)
    yield from (Finding("unlisted", id) for id in theirs)


def _moved(what: What, id: str, ledger: str, spec: str) -> Iterator[Finding]:
    if ledger != spec:
        yield Finding(what, id, ledger, spec)


def _partners(ours: Sequence[Requirement | Scenario], theirs: Sequence[_Spec]) -> dict[str, _Spec]:
    """The spec's text of each entry, by the entry's id: the likest pairs first, nothing paired twice."""
    pairs = sorted(product(ours, theirs), key=lambda pair: _likeness(*pair), reverse=True)
    partners: dict[str, _Spec] = {}
    for entry, spec in pairs:
        alike = any(_likeness(entry, spec))
        if alike and entry.id not in partners and spec not in partners.values():
            partners[entry.id] = spec
    return partners


def _likeness(ours: Requirement | Scenario, spec: SpecRequirement | SpecScenario) -> tuple[bool, int]:
    return ours.title == spec.title, len(_own_hashes(ours) & _spec_hashes(spec))


def _own_hashes(entry: Requirement | Scenario) -> set[str]:
    below = entry.scenarios if isinstance(entry, Requirement) else ()
    return {clause.hash for clause in entry.clauses if clause.hash}.union(*map(_own_hashes, below))


def _spec_hashes(entry: SpecRequirement | SpecScenario) -> set[str]:
    below = entry.scenarios if isinstance(entry, SpecRequirement) else ()
    return {sentence.hash for sentence in entry.sentences}.union(*map(_spec_hashes, below))
