"""What an owner is told where there is no good evidence (CS-07, docs/summaries.md)."""

from __future__ import annotations

from pdpp_host.domain.evidence import Liveness, Retained
from pdpp_host.summaries import synthesise

from .rows import AT, DEAD, POLICY, evidence, gap, row, run


def test_evidence_that_could_not_be_made() -> None:
    """The state is unknown with a bounded reason, whatever was known before; that stays in view."""
    before = evidence(paused=True, gaps=(gap("actionable"),))
    summary = synthesise(row(before, failed="no such run " * 99), AT, DEAD, POLICY)
    health = summary.connection_health
    assert (health.state, health.rule) == ("unknown", "evidence_failed")
    assert health.reason is not None
    assert len(health.reason) == 200
    assert health.reason.startswith("no such run ")
    assert health.reason.endswith("…")
    assert (health.axes.coverage, health.axes.freshness, health.axes.attention) == ("unknown",) * 3
    assert (summary.freshness.status, summary.freshness.captured_at) == ("unknown", None)
    assert summary.rendered_verdict.tone == "warning"
    assert (summary.next_action.action, summary.next_action.reason) == ("rebuild", health.reason)
    assert (summary.display_name, summary.last_run, summary.known_gap_count) == ("Notes", run(), 1)


def test_evidence_that_failed_while_a_run_is_under_way() -> None:
    """A run mends no evidence: the host wants to be looked at all the same."""
    summary = synthesise(row(None, failed="broken"), AT, Liveness(True), POLICY)
    assert (summary.next_action.action, summary.next_action.reason) == ("rebuild", "broken")


def test_no_evidence_yet() -> None:
    """The state is unknown; what the row itself holds is told, and nothing is made up."""
    empty = row(None, retained=(Retained("notes", 3, 90), Retained("tags", 2, 5)), last_record_at=AT)
    summary = synthesise(empty, AT, Liveness(), POLICY)
    assert (summary.connection_health.state, summary.connection_health.rule) == (
        "unknown",
        "evidence_missing",
    )
    assert (summary.next_action.action, summary.rendered_verdict.tone) == ("wait", "neutral")
    assert (summary.connector_key, summary.display_name, summary.created_at) == (None, None, None)
    assert (summary.retained.records, summary.retained.bytes) == (5, 95)
    assert (summary.last_record_at, summary.freshness.threshold_seconds) == (AT, 86_400.0)
    axes = summary.connection_health.axes
    assert (axes.coverage, axes.freshness, axes.attention) == ("unknown",) * 3
