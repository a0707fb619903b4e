"""Nothing is green by omission: whatever is taken away, the run is not conformant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit_runs import ROOT

from pdpp_tck.accounting import account
from pdpp_tck.assembly import read_requirements
from pdpp_tck.execution import Result
from pdpp_tck.gate.deciding import decide
from pdpp_tck.gate.judged import of_result
from pdpp_tck.lint import lint
from pdpp_tck.plan import Plan
from pdpp_tck.replay import RecordedHost
from pdpp_tck.subject import Connector
from pdpp_tck.verdict import ClauseVerdict, Verdict

FEATURES, SCENARIOS, LEDGER = read_requirements(ROOT / "features")
SUBJECTS = {
    "host": {"name": "h", "version": "1", "claims": ["stage"]},
    "storage": {"name": "s", "version": "1", "claims": []},
}
PLAN = Plan(
    features=FEATURES,
    scenarios=tuple(SCENARIOS),
    ledger=LEDGER,
    connectors=tuple(Connector(name, "1", {}, (), frozenset(), None, {}) for name in ("a", "b")),
    host=RecordedHost(SUBJECTS),
    host_is_subject=True,
    storage_is_subject=True,
    reports=Path(),
    seed=1,
)


def passed(scenario: str, plan: Plan) -> list[Result]:
    """The results of a scenario that passes on everybody."""
    results = []
    for written in (one for one in SCENARIOS if one.id == scenario):
        for cell in plan.cells(written):
            clauses = LEDGER.scenario(scenario).obliged(written.kind)
            made = tuple(ClauseVerdict(clause.id, clause.level, Verdict.PASSED) for clause in clauses)
            results.append(Result(cell, Verdict.PASSED, None, made, (), 0.0, None))
    return results


RESULTS = [result for entry in LEDGER.judged for result in passed(entry.id, PLAN)]


def conformant(results: Sequence[Result], plan: Plan = PLAN) -> bool | None:
    """Whether a run with these results is called conformant."""
    judged = [of_result(result, plan.host) for result in results]
    return decide(judged, not account(plan, results), bool(plan.selection)).conformant


def test_a_whole_run_is_conformant() -> None:
    """Or else the rest of this file would show nothing."""
    assert conformant(RESULTS) is True
    assert len(RESULTS) > 90


@settings(deadline=None)
@given(st.sets(st.sampled_from(range(len(RESULTS))), min_size=1))
def test_without_results_it_is_not(gone: set[int]) -> None:
    """Any of them, one or many."""
    assert conformant([result for at, result in enumerate(RESULTS) if at not in gone]) is False


@pytest.mark.parametrize("name", ["a", "b", "host", "storage"])
def test_without_a_subject_it_is_not(name: str) -> None:
    """All results of one subject."""
    assert conformant([result for result in RESULTS if result.cell.pair[2] != name]) is False


def test_without_any_subject_it_is_not() -> None:
    """A run that was to judge nobody, and did."""
    assert (
        conformant([], replace(PLAN, connectors=(), host_is_subject=False, storage_is_subject=False)) is False
    )


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_without_a_scenario_nothing_runs(data: st.DataObject) -> None:
    """A scenario that the ledger wants and no feature has is told before anything is judged."""
    gone = data.draw(st.sampled_from(SCENARIOS))
    left = [scenario for scenario in SCENARIOS if scenario is not gone]
    assert any(gone.id in problem for problem in lint(FEATURES, left, LEDGER))


@pytest.mark.parametrize(
    "file", sorted({scenario.path for scenario in SCENARIOS}), ids=lambda path: path.stem
)
def test_without_a_feature_file_nothing_runs(file: Path) -> None:
    """Each file in turn."""
    left = [scenario for scenario in SCENARIOS if scenario.path != file]
    assert lint(FEATURES, left, LEDGER)
