"""Comparing the ledger with the specification: what has moved since the ledger was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pdpp_tck.ledger import Clause, Ledger, Requirement, Scenario
from pdpp_tck.openspec import Finding, Spec, SpecRequirement, SpecScenario
from pdpp_tck.specifying.pairing import Pair, partners, sentences
from pdpp_tck.specifying.rows import Rows, finding

_ACK = "mend what judges it, then `pdpp-tck spec ack {id} --spec DIR --reason …`"


@dataclass(frozen=True, slots=True)
class Compared:
    """The entries of the ledger beside what the spec has for them, and what is in one of them alone.

    ``pairs`` are the sentences of every entry; those of entries that only one side has are not among them.
    """

    requirements: Mapping[str, SpecRequirement]
    scenarios: Mapping[str, SpecScenario]
    pairs: tuple[tuple[SpecRequirement, Pair], ...]
    new: tuple[SpecRequirement, ...]
    new_scenarios: tuple[tuple[Requirement, SpecRequirement, SpecScenario], ...]


def compare(ledger: Ledger, spec: Spec) -> Compared:
    """Every entry with its partner, recognised by its title or by the sentences that it kept."""
    requirements = partners(ledger.requirements, spec.requirements)
    scenarios: dict[str, SpecScenario] = {}
    pairs: list[tuple[SpecRequirement, Pair]] = []
    new_scenarios: list[tuple[Requirement, SpecRequirement, SpecScenario]] = []
    for ours in ledger.requirements:
        theirs = requirements.get(ours.id)
        if theirs is None:
            continue
        mine = partners(ours.scenarios, theirs.scenarios)
        scenarios |= mine
        pairs += [(theirs, pair) for pair in sentences(ours.id, ours.clauses, theirs.sentences)]
        for scenario in ours.scenarios:
            if scenario.id in mine:
                found = sentences(scenario.id, scenario.clauses, mine[scenario.id].sentences)
                pairs += [(theirs, pair) for pair in found]
        taken = [id(scenario) for scenario in mine.values()]
        new_scenarios += [(ours, theirs, each) for each in theirs.scenarios if id(each) not in taken]
    known = [id(requirement) for requirement in requirements.values()]
    new = tuple(requirement for requirement in spec.requirements if id(requirement) not in known)
    return Compared(requirements, scenarios, tuple(pairs), new, tuple(new_scenarios))


def drift(ledger: Ledger, spec: Spec, rows: Sequence[Rows]) -> list[Finding]:
    """Every difference in titles, places, sentences and levels, by file and line."""
    compared = compare(ledger, spec)
    found = list(_unlisted(compared))
    for requirement in ledger.requirements:
        found += _requirement(requirement, compared, spec, rows)
    for theirs, pair in compared.pairs:
        found += _sentence(theirs, pair, rows)
    return sorted(found)


def _requirement(
    ours: Requirement, compared: Compared, spec: Spec, rows: Sequence[Rows]
) -> Iterator[Finding]:
    theirs = compared.requirements.get(ours.id)
    if theirs is None:
        yield _gone(ours, spec, rows)
        return
    yield from _renamed(ours, theirs.title, theirs, theirs.line)
    # A change that was made is archived, and its requirements then stand in the main specs.
    for what, was, now in (
        ("change", ours.change, theirs.change or ours.change),
        ("capability", ours.capability, theirs.capability),
    ):
        if was != now:
            message = f"is in the {what} {now!r}, {was!r} in the ledger; {_ACK.format(id=ours.id)}"
            yield Finding(theirs.file, theirs.line, ours.id, "moved", message)
    for scenario in ours.scenarios:
        there = compared.scenarios.get(scenario.id)
        if there is not None:
            yield from _renamed(scenario, there.title, theirs, there.line)
        else:
            told = f"the scenario {scenario.title!r} is no longer in {theirs.file}:{theirs.line}"
            yield finding(
                rows, scenario.id, "orphaned", f"{told}; delete its rows, its scenario and its mutants"
            )


def _gone(ours: Requirement, spec: Spec, rows: Sequence[Rows]) -> Finding:
    end = "delete its rows, its scenarios and their mutants"
    for removed in spec.removed:
        if (removed.capability, removed.title) == (ours.capability, ours.title):
            message = f"is removed by the change {removed.change}; {end}"
            return Finding(removed.file, removed.line, ours.id, "orphaned", message)
    return finding(
        rows, ours.id, "orphaned", f"the requirement {ours.title!r} is no longer in the spec; {end}"
    )


def _renamed(
    ours: Requirement | Scenario, title: str, theirs: SpecRequirement, line: int
) -> Iterator[Finding]:
    if ours.title != title:
        message = f"is now called {title!r}, {ours.title!r} in the ledger; {_ACK.format(id=ours.id)}"
        yield Finding(theirs.file, line, ours.id, "renamed", message)


def _unlisted(compared: Compared) -> Iterator[Finding]:
    end = "`pdpp-tck spec scaffold` makes its rows"
    for requirement in compared.new:
        id = f"{requirement.change or requirement.capability}: {requirement.title}"
        message = f"the requirement is in the spec and not in the ledger; {end}"
        yield Finding(requirement.file, requirement.line, id, "uncovered", message)
    for ours, requirement, scenario in compared.new_scenarios:
        id = f"{requirement.change or requirement.capability}: {requirement.title}: {scenario.title}"
        message = f"the scenario is in the spec, below {ours.id}, and not in the ledger; {end}"
        yield Finding(requirement.file, scenario.line, id, "uncovered", message)


def _sentence(theirs: SpecRequirement, pair: Pair, rows: Sequence[Rows]) -> Iterator[Finding]:
    if pair.sentence is None:
        for clause in pair.clauses:
            told = f"its sentence is no longer in {theirs.file}:{theirs.line}"
            yield finding(rows, clause.id, "orphaned", f"{told}; delete its row, and what judges it")
        return
    if not pair.clauses:
        for new in pair.sentence.clauses_as(pair.id):
            message = f"the ledger has no clause for {pair.sentence.text!r} ({new.level}); give it a row"
            yield Finding(theirs.file, pair.sentence.line, new.mark, "uncovered", message)
        return
    for clause in pair.clauses:
        moved = changed(clause, pair)
        if moved is not None:
            yield Finding(theirs.file, pair.sentence.line, clause.id, "stale", moved)


def changed(clause: Clause, pair: Pair) -> str | None:
    """What has become of a clause's sentence; None where nothing has."""
    sentence = pair.sentence
    assert sentence is not None
    levels: dict[str, str] = {new.mark: new.level for new in sentence.clauses_as(pair.id)}
    level = levels.get(clause.id)
    if clause.hash == sentence.hash and level == clause.level:
        return None
    if level is None:
        told = f"its sentence now has {len(levels)} clauses ({', '.join(levels.values())}): {sentence.text!r}"
        return f"{told}; write its rows anew, as `pdpp-tck spec ack` cannot"
    what = "its sentence has changed to" if clause.hash != sentence.hash else "its sentence is"
    now = f", which makes it {level} where it was {clause.level}" if level != clause.level else ""
    return f"{what} {sentence.text!r}{now}; {_ACK.format(id=clause.id)}"
