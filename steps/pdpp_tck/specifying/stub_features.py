"""Feature skeletons in the house style: premises and clauses in place, the nearest sentences beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from pdpp_tck.ledger import KINDS, Kind
from pdpp_tck.specifying.news import NewClause, NewRequirement, NewScenario
from pdpp_tck.unfilled import stub

Nearest = Callable[[str, str], Sequence[str]]
"""The sentences of the vocabulary that are nearest to a text, for given, when or then."""


def file_of(requirement: NewRequirement) -> str:
    """Where a requirement's feature goes."""
    words = re.findall(r"[a-z0-9]+", requirement.spec.title.lower())[:6]
    folder = re.sub(r"[^a-z0-9]+", "_", requirement.spec.capability.lower()).strip("_") or "capability"
    return f"{folder}/{'_'.join([requirement.id.lower().replace('-', '_'), *words])}.feature"


def feature_of(requirement: NewRequirement, nearest: Nearest) -> str:
    """The feature of what is new in a requirement."""
    title = requirement.spec.title
    lines = [f"Feature: {title}", "", f"  Rule: {title} ({requirement.id})"]
    for scenario in requirement.scenarios:
        for kind in KINDS:
            clauses = [clause for clause in scenario.clauses if clause.kind == kind]
            if clauses:
                lines += ["", *_scenario(scenario, kind, clauses, nearest)]
    return "\n".join(lines) + "\n"


def _scenario(
    scenario: NewScenario, kind: Kind, clauses: Sequence[NewClause], nearest: Nearest
) -> Iterator[str]:
    yield f"    @{scenario.id} @{kind}"
    yield f"    Scenario: {scenario.title} ({kind})"
    keyword = "Given"
    for premise in scenario.premises or ("what is there before",):
        yield from _step(keyword, "given", premise, nearest)
        keyword = "And"
    asked = scenario.premises[-1] if scenario.premises else "what the owner does"
    yield from _step("When", "when", f"what is asked, so that {asked}", nearest)
    keyword = "Then"
    for sentences in _together(clauses):
        marks = [clause.id.rpartition("/")[2] for clause in sentences]
        yield from _step(keyword, "then", sentences[0].sentence.text, nearest, " ".join(marks))
        keyword = "And"
    if all(clause.level == "SHALL NOT" for clause in clauses):
        yield from _step(
            "And", "then", "what is seen done, so that who does nothing does not pass", nearest, "control"
        )


def _together(clauses: Sequence[NewClause]) -> list[list[NewClause]]:
    """The clauses of one sentence stand above one Then."""
    found: dict[str, list[NewClause]] = {}
    for clause in clauses:
        found.setdefault(clause.sentence.mark, []).append(clause)
    return list(found.values())


def _step(keyword: str, kind: str, what: str, nearest: Nearest, marks: str = "") -> Iterator[str]:
    near = nearest(kind, what)
    if near:
        yield "      # nearest sentences, best first; delete these lines:"
        yield from (f"      #   {sentence}" for sentence in near)
    if marks:
        yield f"      # {marks}"
    yield f"      {keyword} {stub(what)}"
