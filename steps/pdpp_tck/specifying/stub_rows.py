"""Rows of a ledger to be filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pdpp_tck.specifying.news import NewClause, NewRequirement, NewScenario
from pdpp_tck.unfilled import stub

_TIERS = {"connector": "wire", "host": "http", "storage": "storage"}
_HEAD = """\
# Rows made by `pdpp-tck spec scaffold`: replace every text that begins with FILL IN. Ids, levels and hashes
# are the specification's; kinds and tiers are guesses to look over.

ledger_version = 1
"""


def rows_of(requirements: tuple[NewRequirement, ...]) -> str:
    """The ledger of a folder that stands beside ours."""
    return "\n".join([_HEAD, *(line for each in requirements for line in _requirement(each))])


def clause_rows(clause: NewClause, table: str) -> Iterator[str]:
    """The rows of one clause."""
    fields = {
        "id": clause.id,
        "level": clause.level,
        "kinds": [clause.kind],
        "tier": _TIERS[clause.kind],
        "says": stub(f"in one sentence of your own: {clause.sentence.text}"),
        "hash": clause.sentence.hash,
    }
    yield from _table(table, fields)


def _requirement(requirement: NewRequirement) -> Iterator[str]:
    spec = requirement.spec
    head = {"title": spec.title, "change": spec.change or "specs", "capability": spec.capability}
    yield from _table("[[requirement]]", {"id": requirement.id, **({} if requirement.known else head)})
    for clause in requirement.clauses:
        yield from list(clause_rows(clause, "[[requirement.clause]]"))[:-1]
        seen = stub(f"the clause of a scenario in which {clause.id} is seen, as {requirement.id}.1/T1")
        yield from (f"same_as = {_written(seen)}", "")
    for scenario in requirement.scenarios:
        yield from _scenario(scenario)


def _scenario(scenario: NewScenario) -> Iterator[str]:
    fields = {
        "id": scenario.id,
        "title": scenario.title,
        "sends": stub("what the kit does for this scenario, as its reader would tell it"),
        "freedom": stub("how a subject may differ and be right"),
    }
    yield from _table("[[requirement.scenario]]", fields)
    for clause in scenario.clauses:
        yield from clause_rows(clause, "[[requirement.scenario.clause]]")


def _table(head: str, fields: Mapping[str, object]) -> Iterator[str]:
    yield head
    yield from (f"{name} = {_written(value)}" for name, value in fields.items())
    yield ""


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
