"""What an id stands for, told to whoever met it in a report."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pdpp_tck.assembly import nearest, read_requirements
from pdpp_tck.authors.folder import find_folder
from pdpp_tck.features import Scenario, requirement_of
from pdpp_tck.ledger import Clause, Ledger, Requirement
from pdpp_tck.ledger import Scenario as Entry
from pdpp_tck.matrix import Matrix, MatrixError, read_both
from pdpp_tck.options import UsageError

WIDTH = 100
_LABEL = re.compile(r"  (\S+|same as) +")
TIERS = {
    "wire": "on the wire: the transcript shows it",
    "http": "over HTTP: the host's answers show it",
    "counters": "by the host's counters of statements and rows",
    "storage": "through the stage: the storage itself is asked",
}
DERIVED = {
    None: "a scenario of the specification",
    "body": "derived from a sentence of the requirement, gates as it does",
    "advice": "advice beyond the text, gates our own parts, and a stranger with --advice",
    "profile": "a rule of the Collection Profile, gates a connector",
}


@dataclass(frozen=True, slots=True)
class Known:
    """The ledger and the scenarios that an id is looked up in, and which mutants each clause has caught."""

    ledger: Ledger
    scenarios: tuple[Scenario, ...]
    matrix: Matrix | None


def explain(identifier: str, features: Path | None) -> str:
    """All about a requirement, a scenario or a clause; raises UsageError for an id that nothing has."""
    root, scenarios, ledger = read_requirements(features)
    folder = find_folder(features)
    try:
        matrix = read_both(root, folder.beside if folder else None)
        known = Known(ledger, tuple(scenarios), matrix)
    except MatrixError as error:
        raise UsageError(str(error)) from None
    if identifier not in ledger.ids:
        raise UsageError(f"{identifier}: unknown; {nearest(identifier, list(ledger.ids))}")
    return "\n".join(map(_folded, _told(identifier, known)))


def _folded(line: str) -> str:
    """A long line in several, each beginning below the first one's text."""
    label = _LABEL.match(line)
    indent = " " * (label.end() if label else 0)
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False) if line else ""


def _told(identifier: str, known: Known) -> Iterator[str]:
    requirement = known.ledger.requirement(requirement_of(identifier))
    if identifier == requirement.id:
        yield from _requirement(requirement, known)
        return
    yield f"{requirement.id}  {requirement.title}"
    yield ""
    for entry in (*requirement.scenarios, *requirement.derived):
        if identifier == entry.id or identifier in {clause.id for clause in entry.clauses}:
            yield from _scenario(entry, known)
            return
    yield from _clause(known.ledger.clause(identifier), known)


def _requirement(requirement: Requirement, known: Known) -> Iterator[str]:
    yield f"{requirement.id}  {requirement.title}"
    if requirement.change:
        yield f"in the change {requirement.change}, capability {requirement.capability}"
    for clause in requirement.clauses:
        yield ""
        yield from _clause(clause, known)
    yield ""
    for entry in (*requirement.scenarios, *requirement.derived):
        yield f"{entry.id}  {entry.title}"


def _scenario(entry: Entry, known: Known) -> Iterator[str]:
    yield f"{entry.id}  {entry.title}"
    yield f"  {DERIVED[entry.derived]}"
    yield f"  sends    {entry.sends}"
    yield f"  freedom  {entry.freedom}"
    for written in known.scenarios:
        if written.id == entry.id:
            claims = ", ".join(sorted(written.claims)) or "none"
            yield f"  judges   the {written.kind}; claims needed: {claims}"
            yield f"  written  {written.path}:{written.line}"
    for clause in entry.clauses:
        yield ""
        yield from _clause(clause, known)


def _clause(clause: Clause, known: Known) -> Iterator[str]:
    yield f"{clause.id}  {clause.level}, obliges the {' and the '.join(clause.kinds)}"
    yield f"  says     {clause.says}"
    yield f"  seen     {TIERS[clause.tier]}"
    if clause.same_as is not None:
        yield f"  same as  {clause.same_as}, whose verdict it shares"
    if clause.excluded is not None:
        yield f"  excluded {clause.excluded}"
    if clause.restates is not None:
        yield f"  restates {clause.restates}"
    yield from _proof(clause, known)


def _proof(clause: Clause, known: Known) -> Iterator[str]:
    """The mutants that break the clause, and the variants that pass by it, as `falsify` last found them."""
    for row in known.matrix.clauses if known.matrix is not None else ():
        if row.id == clause.id:
            for outcome in dict.fromkeys(mutant.outcome for mutant in row.mutants):
                names = (mutant.name for mutant in row.mutants if mutant.outcome == outcome)
                yield f"  {outcome:8} {', '.join(dict.fromkeys(names))}"
            if row.variants:
                yield f"  variants {', '.join(row.variants)}"
