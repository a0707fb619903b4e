"""`spec coverage`: each clause with the scenarios that judge it, and the mutants that prove these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pdpp_tck.assembly import read_all
from pdpp_tck.authors.folder import find_folder
from pdpp_tck.features import FeatureError, Scenario, requirement_of
from pdpp_tck.ledger import Clause, Kind, Ledger, LedgerError, Level, Requirement
from pdpp_tck.matrix import Matrix, MatrixError, MatrixRow, read_both
from pdpp_tck.options import UsageError


@dataclass(frozen=True, slots=True)
class CoveredClause:
    """One clause of the spec's; ``unjudged`` are the kinds that it binds and no scenario judges.

    ``scenarios`` are the one in which it is seen, ``seen_as`` another clause where it is, and those that
    work it out. Of its mutants ``untried`` are those that do not apply on the storage that the matrix was
    made on. ``excluded`` is why it is judged nowhere.
    """

    id: str
    level: Level
    kinds: tuple[Kind, ...]
    seen_as: str
    scenarios: tuple[str, ...]
    unjudged: tuple[Kind, ...]
    killed: tuple[str, ...]
    alive: tuple[str, ...]
    untried: tuple[str, ...]
    variants: tuple[str, ...]
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class CoveredRequirement:
    """One requirement of the spec's, with how many scenarios it has there and of ours."""

    id: str
    title: str
    scenarios: int
    derived: int
    clauses: tuple[CoveredClause, ...]


def coverage_at(features: Path | None) -> tuple[CoveredRequirement, ...]:
    """The coverage of a folder's features, with ours where it stands beside; raises UsageError."""
    folder = find_folder(features)
    try:
        root, scenarios, ledger = read_all(folder)
        matrix = read_both(root, folder.beside if folder else None)
    except (FeatureError, LedgerError, MatrixError) as error:
        raise UsageError(str(error)) from None
    return coverage(ledger, scenarios, matrix)


def coverage(
    ledger: Ledger, scenarios: Sequence[Scenario], matrix: Matrix | None
) -> tuple[CoveredRequirement, ...]:
    """What is covered of each requirement of the spec's."""
    rows = {row.id: row for row in matrix.clauses} if matrix else {}
    judged = {(f"{s.id}/{mark}", s.kind) for s in scenarios for step in s.steps for mark in step.judges}
    return tuple(
        CoveredRequirement(
            requirement.id,
            requirement.title,
            len(requirement.scenarios),
            len(requirement.derived),
            tuple(_clause(clause, ledger, judged, rows.get(clause.id)) for clause in _clauses(requirement)),
        )
        for requirement in ledger.requirements
    )


def as_json(covered: Sequence[CoveredRequirement]) -> dict[str, Any]:
    """All of it for programs, and how much it is."""
    return {
        "requirements": [asdict(requirement) for requirement in covered],
        "excluded": excluded(covered),
        "totals": {
            "requirements": len(covered),
            "scenarios": sum(requirement.scenarios for requirement in covered),
            "derived": sum(requirement.derived for requirement in covered),
            **_counts([clause for requirement in covered for clause in requirement.clauses]),
        },
    }


def as_summary(covered: Sequence[CoveredRequirement]) -> dict[str, Any]:
    """What a report holds: a row for each requirement."""
    rows = [
        {
            "id": each.id,
            "scenarios": each.scenarios,
            "derived": each.derived,
            **_counts(each.clauses),
        }
        for each in covered
    ]
    return {"requirements": rows, "excluded": excluded(covered)}


def excluded(covered: Sequence[CoveredRequirement]) -> list[dict[str, str]]:
    """The clauses that are judged nowhere, with why."""
    clauses = [clause for requirement in covered for clause in requirement.clauses]
    return [{"id": each.id, "reason": each.excluded} for each in clauses if each.excluded is not None]


def open_clauses(covered: Sequence[CoveredRequirement]) -> Iterator[str]:
    """What is not covered, each in a sentence."""
    for clause in (clause for requirement in covered for clause in requirement.clauses):
        for kind in clause.unjudged:
            yield f"{clause.id}: no scenario judges it for the {kind}; write one, or exclude it with a reason"
        for name in clause.alive:
            yield f"{clause.id}: the mutant {name} is not killed; see `pdpp-tck falsify --mutant {name}`"


def as_text(covered: Sequence[CoveredRequirement]) -> str:
    """A line for each clause, then what is left out and why, what is open, and the totals."""
    lines = [line for requirement in covered for line in _requirement(requirement)]
    left = [f"excluded: {each['id']}: {each['reason']}" for each in excluded(covered)]
    told = [f"open: {each}" for each in open_clauses(covered)]
    totals = as_json(covered)["totals"]
    told.append(", ".join(f"{count} {name}" for name, count in totals.items()))
    return "\n".join([*lines, *(left or ["excluded: no clause"]), *told])


def _requirement(requirement: CoveredRequirement) -> Iterator[str]:
    yield f"{requirement.id}  {requirement.title}"
    for clause in requirement.clauses:
        seen = f" seen as {clause.seen_as}" if clause.seen_as != clause.id else ""
        untried = f", {len(clause.untried)} not tried" if clause.untried else ""
        proven = f"{len(clause.killed)} killed{untried}, {len(clause.variants)} variants"
        counted = f"{len(clause.scenarios)} scenarios, {proven}"
        yield f"  {clause.id:12}  {clause.level:9}  {', '.join(clause.kinds):18}  {counted}{seen}"
    yield ""


def _clause(
    clause: Clause, ledger: Ledger, judged: set[tuple[str, Kind]], row: MatrixRow | None
) -> CoveredClause:
    seen = ledger.observation(clause.id).id
    judging = [seen, *(other.id for other in ledger.clauses if other.restates in (clause.id, seen))]
    found = dict.fromkeys(
        id.rpartition("/")[0] for id in judging if any((id, k) in judged for k in clause.kinds)
    )
    unjudged = () if clause.excluded else tuple(kind for kind in clause.kinds if (seen, kind) not in judged)
    mutants = row.mutants if row else ()
    return CoveredClause(
        clause.id,
        clause.level,
        clause.kinds,
        seen,
        tuple(found),
        unjudged,
        tuple(mutant.name for mutant in mutants if mutant.outcome == "killed"),
        tuple(mutant.name for mutant in mutants if mutant.outcome in ("survived", "wrong_reason")),
        tuple(mutant.name for mutant in mutants if mutant.outcome == "not_applicable"),
        row.variants if row else (),
        clause.excluded,
    )


def _clauses(requirement: Requirement) -> Iterator[Clause]:
    """Its clauses that have a sentence in the spec."""
    yield from requirement.clauses
    for scenario in requirement.scenarios:
        yield from scenario.clauses


def _counts(clauses: Sequence[CoveredClause]) -> dict[str, int]:
    return {
        "clauses": len(clauses),
        "excluded": sum(clause.excluded is not None for clause in clauses),
        "unjudged": sum(bool(clause.unjudged) for clause in clauses),
        "mutants": len(
            {(requirement_of(c.id), name) for c in clauses for name in (*c.killed, *c.alive, *c.untried)}
        ),
        "killed": len({(requirement_of(c.id), name) for c in clauses for name in c.killed}),
        "variants": len({name for clause in clauses for name in clause.variants}),
    }
