"""Verdicts: what clauses make of a scenario, and scenarios of a run."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdpp_tck.verdict import ClauseVerdict, Verdict, exit_status, scenario_verdict

LEVELS = st.sampled_from(["SHALL", "SHALL NOT", "MAY"])
CLAUSES = st.lists(
    st.builds(ClauseVerdict, id=st.just("X/T1"), level=LEVELS, verdict=st.sampled_from(list(Verdict))),
    max_size=5,
)


def clauses(*verdicts: str, level: str = "SHALL") -> list[ClauseVerdict]:
    """Clauses with these verdicts."""
    return [ClauseVerdict(f"X/T{n}", level, Verdict(verdict)) for n, verdict in enumerate(verdicts, 1)]


@pytest.mark.parametrize(
    ("given_verdicts", "made"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "failed"], "failed"),
        (["failed", "error"], "error"),
        (["passed", "not_observable"], "not_observable"),
        (["not_run", "not_observable"], "not_run"),
        (["not_applicable", "not_applicable"], "not_applicable"),
        (["not_applicable", "passed"], "passed"),
        (["stale", "not_run"], "stale"),
        (["failed", "stale"], "stale"),
        (["error", "stale"], "error"),
        ([], "not_run"),
    ],
)
def test_the_worst_clause_decides(given_verdicts: list[str], made: str) -> None:
    """Error, stale, failed, not run, not observable: the first that any clause has."""
    assert scenario_verdict(clauses(*given_verdicts)) == made


def test_a_permission_gates_only_by_failing() -> None:
    """A MAY that could not be seen leaves the scenario passed, a failed one does not."""
    seen = clauses("passed")
    assert scenario_verdict([*seen, *clauses("not_observable", level="MAY")]) == "passed"
    assert scenario_verdict([*seen, *clauses("failed", level="MAY")]) == "failed"


@given(CLAUSES)
def test_no_obligation_is_passed_over(judged: Sequence[ClauseVerdict]) -> None:
    """A scenario passes only when each SHALL that applies passed, and at least one clause did apply."""
    if scenario_verdict(judged) == Verdict.PASSED:
        shall = [clause.verdict for clause in judged if clause.level != "MAY"]
        assert set(shall) <= {Verdict.PASSED, Verdict.NOT_APPLICABLE}
        assert any(clause.verdict != Verdict.NOT_APPLICABLE for clause in judged)


@given(st.lists(st.sampled_from(list(Verdict))), st.booleans(), st.booleans())
def test_only_a_clean_run_ends_0(verdicts: list[Verdict], applicable: bool, accounted: bool) -> None:
    """Exit 0 means that everything passed or did not apply, that something applied, and that it adds up."""
    status = exit_status(verdicts, applicable, accounted)
    clean = set(verdicts) <= {Verdict.PASSED, Verdict.NOT_APPLICABLE}
    assert (status == 0) == (clean and applicable and accounted)


@given(st.lists(st.sampled_from(list(Verdict))))
def test_the_order_of_the_statuses(verdicts: list[Verdict]) -> None:
    """The kit's fault outranks a failure, and a failure outranks what was not seen."""
    status = exit_status(verdicts, True, True)
    if Verdict.ERROR in verdicts:
        assert status == 3
    elif Verdict.FAILED in verdicts or Verdict.STALE in verdicts:
        assert status == 1
