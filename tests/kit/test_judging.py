"""Judgements: blame, controls, and clauses that nobody judged."""

from __future__ import annotations

import pytest

from pdpp_tck.evidence.owing import Owed, Unfed
from pdpp_tck.evidence.transcripts import Line
from pdpp_tck.judging import Judge, clause_verdicts
from pdpp_tck.ledger import Clause
from pdpp_tck.subject import Kind
from pdpp_tck.verdict import ClauseVerdict

CLAUSES = [Clause(f"PR-09.1/T{n}", "SHALL", ("connector",), "wire", "…") for n in (1, 2)]


def judge(kind: Kind = "connector", *mapped: str) -> Judge:
    """A judge before a Then that stands for these clauses."""
    return Judge(kind, mapped or ("T1", "T2"))


def verdicts(judged: Judge) -> list[str]:
    """The two clauses' verdicts."""
    return [clause.verdict.value for clause in clause_verdicts(CLAUSES, judged.findings)]


def reasons(judged: Judge) -> list[ClauseVerdict]:
    """The two clauses whole."""
    return list(clause_verdicts(CLAUSES, judged.findings))


def test_a_clause_without_a_judgement_is_not_run() -> None:
    """A Then that asserts nothing passes nothing."""
    judged = judge("connector", "T1")
    judged(True, expected="a", seen="a")
    assert verdicts(judged) == ["passed", "not_run"]


def test_one_bad_finding_outweighs_many_good_ones() -> None:
    """Each case in a table counts."""
    judged = judge()
    judged(True, expected="a", seen="a")
    judged(False, expected="b", seen="c", clause="T1")
    judged(True, expected="d", seen="d")
    assert verdicts(judged) == ["failed", "passed"]
    assert reasons(judged)[0].reason == "expected b; seen c"


@pytest.mark.parametrize(
    ("kind", "party", "verdict"),
    [
        ("connector", "connector", "failed"),
        ("connector", "host", "not_observable"),
        ("host", "host", "failed"),
        ("host", "connector", "not_observable"),
        ("host", "kit", "error"),
    ],
)
def test_what_is_owed_is_laid_at_the_right_door(kind: Kind, party: str, verdict: str) -> None:
    """Evidence that the subject owed fails it; what another owed only hides it."""
    judged = judge(kind)
    judged.owed(Owed(party, "a START line"))  # type: ignore[arg-type]
    assert verdicts(judged) == [verdict, verdict]


def test_a_failed_control_takes_passes_away() -> None:
    """Without its control a pass means nothing; a failure stays one."""
    judged = judge()
    judged(True, expected="nothing", seen="nothing", clause="T1")
    judged(False, expected="a", seen="b", clause="T2")
    judged.mapped = ("control",)
    judged(False, expected="something", seen="nothing")
    assert verdicts(judged) == ["not_observable", "failed"]
    assert reasons(judged)[0].reason == "control: expected something; seen nothing"


def test_a_control_that_the_kit_could_not_judge_is_an_error() -> None:
    """The kit's own fault is never told as the subject's."""
    judged = judge()
    judged(True, expected="a", seen="a")
    judged.mapped = ("control",)
    judged.broken("KeyError: 'x'")
    assert verdicts(judged) == ["error", "error"]


def test_a_source_that_gave_nothing_is_no_fault_and_is_known() -> None:
    """Neither passed nor failed, and what hangs on it need not read the reason."""
    judged = judge()
    judged.owed(Unfed("no record"))
    assert verdicts(judged) == ["not_observable"] * 2
    assert all(finding.unfed for finding in judged.findings)
    judged.owed(Owed("source", "it cannot be arranged"))
    assert [finding.unfed for finding in judged.findings] == [True, True, False, False]


def test_what_was_said_fails_whatever_the_source_gave() -> None:
    """A source that gave nothing excuses no line; it takes what holds, and what was not said."""
    judged = judge()
    judged.unfed = Unfed("no record")
    judged(True, expected="a", seen="a")
    judged(False, expected="a", seen="b")
    judged.owed(Owed("connector", "no STATE was said"))
    assert verdicts(judged) == ["not_observable"] * 2
    assert all(finding.unfed for finding in judged.findings)
    judged(False, expected="a", seen="b", line=Line(3, "out", "{}"))
    assert verdicts(judged) == ["failed"] * 2


def test_a_then_speaks_for_its_own_clauses_only() -> None:
    """Judging a clause that the comment does not name is a mistake in the vocabulary."""
    with pytest.raises(ValueError, match="T9"):
        judge()(True, expected="a", seen="a", clause="T9")
