"""What an owner is told of a connection, case by case (CS-07, docs/summaries.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pdpp_host.domain.evidence import Liveness, PathEvidence, Policy, Retained
from pdpp_host.summaries import RULES, synthesise
from pdpp_host.summaries.shapes import KnownGap, Schedule

from .rows import AT, DEAD, HOUR, POLICY, evidence, gap, row, run, surface, told

DAY = timedelta(seconds=POLICY.maximum_staleness_seconds)
UPLOAD = (PathEvidence(0, "archive", "owner_artifact"),)
LATER = run(run_id="run_2", started_at=AT + HOUR, finished_at=AT + 2 * HOUR)


def failed(reason: str | None, status: str = "failed", **more: Any) -> dict[str, Any]:
    """A last run that ended so."""
    return {"last_run": run(run_id="run_2", status=status, failure_reason=reason, **more)}


CASES: dict[str, list[tuple[dict[str, Any], str, str | None]]] = {
    "superseded": [({"superseded_by": "conn_2", "paused": True}, "none", None)],
    "paused": [({"paused": True, **failed("launch_failed")}, "resume", "paused")],
    "stalled": [
        ({"liveness": DEAD}, "retry", "stalled"),
        ({"liveness": Liveness(False, "dead"), "last_run": run(status="active")}, "retry", "stalled"),
        ({"liveness": DEAD, "surface": surface("failed")}, "retry", "stalled"),
    ],
    "surface_failed": [
        ({"surface": surface("failed")}, "reconnect", "no_browser"),
        ({"surface": surface("failed", reason=None)}, "reconnect", "surface_failed"),
        ({"surface": surface("failed", profile_key="k"), "last_run": LATER}, "reconnect", "no_browser"),
        ({"surface": surface("failed"), "last_run": LATER}, "reconnect", "no_browser"),
        (
            {"surface": surface("failed", profile_key="k"), "last_successful_run": run(profile_key="k")},
            "reconnect",
            "no_browser",
        ),
        (
            {"surface": surface("failed", run_id="run_2"), **failed("run_timed_out")},
            "reconnect",
            "no_browser",
        ),
        ({"surface": surface("failed"), **failed("launch_failed")}, "reconnect", "no_browser"),
    ],
    "connector_broken": [
        *(
            (failed(reason), "update_connector", reason)
            for reason in (
                "launch_failed",
                "connector_protocol_violation",
                "connector_stdin_closed",
                "connector_exit_without_done",
            )
        ),
        (failed("launch_failed", "surface_failed"), "update_connector", "launch_failed"),
        ({**failed("launch_failed"), "gaps": (gap("actionable"),)}, "update_connector", "launch_failed"),
    ],
    "identity_failed": [(failed("identity_failed"), "review_identity", "identity_failed")],
    "actionable_gap": [
        ({"gaps": (gap("actionable"),)}, "review_gaps", "source_shut"),
        ({"gaps": (gap(), gap("actionable", reason="worse"))}, "review_gaps", "worse"),
        ({"gaps": (gap("actionable"),), "surface": surface("waiting")}, "review_gaps", "source_shut"),
        ({"gaps": (gap("actionable"),), **failed("run_timed_out")}, "review_gaps", "source_shut"),
    ],
    "surface_waiting": [
        ({"surface": surface("waiting")}, "provide_surface", "no_browser"),
        ({"surface": surface("waiting"), "last_run": run(status="active")}, "provide_surface", "no_browser"),
        (
            {"surface": surface("waiting", run_id="run_9"), **failed("run_timed_out")},
            "provide_surface",
            "no_browser",
        ),
        (
            {"surface": surface("waiting", run_id="run_2"), **failed("no_browser", "surface_failed")},
            "provide_surface",
            "no_browser",
        ),
    ],
    "run_failed": [
        *(
            (failed(reason), "retry", reason or "run_failed")
            for reason in (
                "run_timed_out",
                "storage_failed",
                "host_stopped",
                "connector_reported_failed",
                None,
            )
        ),
        (failed("no_surface", "surface_failed"), "retry", "no_surface"),
        ({**failed("run_timed_out"), "gaps": (gap(),)}, "retry", "run_timed_out"),
        ({**failed("run_timed_out"), "now": AT + 2 * DAY}, "retry", "run_timed_out"),
        (
            {**failed("run_timed_out"), "surface": surface("waiting", run_id="run_2")},
            "retry",
            "run_timed_out",
        ),
    ],
    "run_cancelled": [
        (failed("owner_cancelled", "cancelled"), "run", "owner_cancelled"),
        (
            {"surface": surface("waiting", run_id="run_2"), **failed("owner_cancelled", "cancelled")},
            "run",
            "owner_cancelled",
        ),
        ({**failed(None, "cancelled"), "gaps": (gap(),)}, "run", "run_cancelled"),
        (failed("launch_failed", "cancelled"), "run", "launch_failed"),
    ],
    "open_gap": [
        ({"gaps": (gap(),)}, "review_gaps", "source_shut"),
        ({"gaps": (gap("transient"),)}, "review_gaps", "source_shut"),
        ({"gap_count": 3}, "review_gaps", "open_gap"),
        ({"gaps": (gap("informational"), gap("transient"), gap())}, "review_gaps", "source_shut"),
        ({"gaps": (gap(),), "now": AT + 2 * DAY}, "review_gaps", "source_shut"),
        ({"gaps": (gap(),), "captured_at": None}, "review_gaps", "source_shut"),
    ],
    "stale": [
        ({"now": AT + DAY + timedelta(microseconds=1)}, "run", "stale"),
        ({"now": AT + 2 * DAY, "interval_seconds": 60.0}, "run", "stale"),
        ({"maximum_staleness_seconds": 60.0}, "run", "stale"),
        ({"maximum_staleness_seconds": 0.0}, "run", "stale"),
    ],
    "awaits_import": [
        (
            {"captured_at": None, "last_run": None, "last_successful_run": None, "paths": UPLOAD},
            "import",
            "awaits_import",
        )
    ],
    "never_collected": [
        ({"captured_at": None, "last_run": None, "last_successful_run": None}, "run", "never_collected"),
        (
            {"captured_at": None, "last_run": None, "last_successful_run": None, "paths": ()},
            "run",
            "never_collected",
        ),
    ],
    "imported": [({"captured_at": None, "paths": UPLOAD, "interval_seconds": 1.0}, "none", None)],
    "collected_in_part": [
        ({"captured_at": None}, "run", "collected_in_part"),
        ({"captured_at": None, "paths": UPLOAD + evidence().paths}, "run", "collected_in_part"),
    ],
    "overdue": [({"interval_seconds": 3600.0}, "run", "overdue")],
    "healthy": [
        ({}, "none", None),
        ({"now": AT + DAY}, "none", None),
        ({"interval_seconds": 3 * 3600.0}, "none", None),
        ({"gaps": (gap("informational"),), "gap_count": 9}, "none", None),
        ({"surface": surface("leased")}, "none", None),
        ({"surface": surface("released")}, "none", None),
        ({"surface": surface("failed", run_id="run_1")}, "none", None),
        ({"surface": surface("waiting", run_id="run_1")}, "none", None),
        (
            {
                "surface": surface("failed", profile_key="k"),
                "last_successful_run": run(profile_key="k", finished_at=AT + HOUR),
            },
            "none",
            None,
        ),
        ({"liveness": Liveness(False, "dead")}, "none", None),
    ],
}


@pytest.mark.parametrize(
    ("rule", "more", "action", "reason"),
    [(rule, *case) for rule, cases in CASES.items() for case in cases],
)
def test_rule(rule: str, more: dict[str, Any], action: str, reason: str | None) -> None:
    """The rule decides, with its state, label and tone, over what stands below it in the table."""
    summary = told(**more)
    expected = next(known for known in RULES if known.name == rule)
    assert summary.connection_health.rule == rule
    assert summary.connection_health.state == expected.state
    assert (summary.rendered_verdict.label, summary.rendered_verdict.tone) == (expected.label, expected.tone)
    assert (summary.next_action.action, summary.next_action.reason) == (action, reason)


def test_every_rule_has_a_case() -> None:
    """But for the two that are about rows without good evidence, which are below."""
    assert [*CASES] == [rule.name for rule in RULES][2:]


@pytest.mark.parametrize(
    ("rule", "state", "tone"),
    [
        ("superseded", "idle", "neutral"),
        ("paused", "idle", "neutral"),
        ("stalled", "needs_attention", "warning"),
        ("surface_failed", "blocked", "bad"),
        ("connector_broken", "blocked", "bad"),
        ("identity_failed", "blocked", "bad"),
        ("actionable_gap", "needs_attention", "warning"),
        ("surface_waiting", "needs_attention", "warning"),
        ("run_failed", "cooling_off", "warning"),
        ("run_cancelled", "cooling_off", "warning"),
        ("open_gap", "degraded", "warning"),
        ("stale", "degraded", "warning"),
        ("awaits_import", "idle", "neutral"),
        ("never_collected", "idle", "neutral"),
        ("imported", "idle", "neutral"),
        ("collected_in_part", "idle", "neutral"),
        ("overdue", "healthy", "good"),
        ("healthy", "healthy", "good"),
    ],
)
def test_state_and_tone(rule: str, state: str, tone: str) -> None:
    """What each rule comes to, told apart from the table."""
    summary = told(**CASES[rule][0][0])
    assert (summary.connection_health.state, summary.rendered_verdict.tone) == (state, tone)


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


@pytest.mark.parametrize(
    ("hint", "action"),
    [
        ({"action": "retry_by_runtime"}, "run"),
        ({"action": "retry_on_connector_upgrade"}, "update_connector"),
        ({"action": "refresh_credentials"}, "fix_credentials"),
        ({"action": "manual_action_required"}, "act_at_source"),
        ({"action": "update_selector"}, "adjust_selection"),
        ({"action": "upstream_unblock"}, "wait"),
        ({"action": "not_retriable"}, "review_gaps"),
        ({"action": "unknown"}, "review_gaps"),
        ({"action": "sing"}, "review_gaps"),
        ({"action": ["refresh_credentials"]}, "review_gaps"),
        ({}, "review_gaps"),
        (None, "review_gaps"),
    ],
)
@pytest.mark.parametrize("severity", ["actionable", "recoverable", "transient"])
def test_a_gap_names_the_action(hint: dict[str, Any] | None, action: str, severity: Any) -> None:
    """The hint of the worst gap chooses; one that nobody understands is for the owner to look at."""
    informational = gap("informational", recovery_hint={"action": "update_selector"})
    assert told(gaps=(informational, gap(severity, recovery_hint=hint))).next_action.action == action


@pytest.mark.parametrize("carrier", ["alive", "unknown"])
@pytest.mark.parametrize(
    "more",
    [{}, {"gaps": (gap("actionable"),)}, {"captured_at": None}, {"now": AT + 2 * DAY}, {"paused": True}],
)
def test_a_run_under_way(carrier: Any, more: dict[str, Any]) -> None:
    """It hides nothing that was known before; what helps next is to wait for it."""
    before = told(**more)
    for liveness, last_run in (
        (Liveness(True, carrier), run()),
        (Liveness(False, carrier), run(run_id="run_2", status="active", finished_at=None)),
    ):
        summary = told(**more, liveness=liveness, last_run=last_run)
        assert summary.connection_health == before.connection_health
        assert summary.rendered_verdict == before.rendered_verdict
        assert summary.freshness == before.freshness
        assert (summary.next_action.action, summary.next_action.reason) == ("wait", "run_active")


def test_liveness_alone() -> None:
    """With nothing else changed the carrier's death turns the verdict."""
    active = {"last_run": run(status="active", finished_at=None)}
    alive, dead = (told(**active, liveness=Liveness(True, carrier)) for carrier in ("alive", "dead"))
    assert (alive.connection_health.state, alive.rendered_verdict.tone) == ("healthy", "good")
    assert (dead.connection_health.state, dead.rendered_verdict.tone) == ("needs_attention", "warning")


def test_freshness() -> None:
    """Age in seconds; current at the threshold, stale after it, age 0 when the clock steps back."""
    for now, status, age in (
        (AT - HOUR, "current", 0.0),
        (AT + HOUR, "current", 3600.0),
        (AT + DAY, "current", 86_400.0),
        (AT + DAY + timedelta(microseconds=1), "stale", 86_400.000001),
    ):
        freshness = told(now=now).freshness
        assert (freshness.status, freshness.age_seconds) == (status, age)
        assert (freshness.captured_at, freshness.threshold_seconds) == (AT, 86_400.0)
    assert told(captured_at=None).freshness.status == "unknown"
    assert told(captured_at=None).freshness.age_seconds is None


def test_threshold() -> None:
    """The connector's own, else the host's; what is no number of seconds counts as absent."""
    assert told(maximum_staleness_seconds=60.0).freshness.threshold_seconds == 60.0
    assert told(maximum_staleness_seconds=0.0).freshness.threshold_seconds == 0.0
    for odd in (float("nan"), float("inf"), -1.0):
        assert told(maximum_staleness_seconds=odd).freshness.threshold_seconds == 86_400.0
        assert synthesise(row(evidence()), AT, Liveness(), Policy(odd)).freshness.threshold_seconds == 0.0


def test_axes() -> None:
    """Each axis tells its own fact, whichever rule decides."""
    axes = told().connection_health.axes
    assert (axes.coverage, axes.freshness, axes.attention) == ("complete", "current", "none")
    axes = told(paused=True, gaps=(gap("actionable"),), now=AT + 2 * DAY).connection_health.axes
    assert (axes.coverage, axes.freshness, axes.attention) == ("partial", "stale", "needed")
    axes = told(captured_at=None, **failed("launch_failed")).connection_health.axes
    assert (axes.coverage, axes.freshness, axes.attention) == ("unknown", "unknown", "needed")
    assert told(gaps=(gap("informational"),)).connection_health.axes.coverage == "complete"
    assert told(**failed("host_stopped")).connection_health.axes.attention == "none"


def test_schedule() -> None:
    """An interval after the last run began that stands for the whole; overdue after that, not at it."""
    due = AT + HOUR
    assert told(now=due, interval_seconds=7200.0).schedule == Schedule(7200.0, due, False)
    assert told(now=due + timedelta(microseconds=1), interval_seconds=7200.0).schedule == Schedule(
        7200.0, due, True
    )
    for more in ({"imported": True}, {"narrowed": True}):
        later = run(started_at=AT + HOUR, **more)
        assert told(last_run=later, interval_seconds=60.0).schedule == Schedule(
            60.0, AT + timedelta(seconds=60), True
        )
    never = {"last_run": None, "last_successful_run": None, "captured_at": None}
    assert told(**never, interval_seconds=60.0).schedule == Schedule(
        60.0, AT - 24 * HOUR + timedelta(seconds=60), True
    )
    assert told(paused=True, interval_seconds=60.0).schedule == Schedule(60.0)
    assert told(superseded_by="conn_2", interval_seconds=60.0).schedule == Schedule(60.0)
    assert told(interval_seconds=1e300).schedule == Schedule(1e300)
    assert told().schedule is None
    for odd in (0.0, -5.0, float("inf"), float("nan")):
        assert told(interval_seconds=odd).schedule is None


def test_what_is_carried_over() -> None:
    """Identity, lifecycle, runs, surface and counts are told as the evidence has them."""
    of = evidence(superseded_by="conn_2", surface=surface("released"), gap_count=7, last_run=LATER)
    summary = synthesise(row(of), AT, Liveness(), POLICY)
    for name in (
        "connector_key",
        "display_name",
        "created_at",
        "paths",
        "paused",
        "superseded_by",
        "last_run",
        "last_successful_run",
        "surface",
    ):
        assert getattr(summary, name) == getattr(of, name), name
    assert summary.known_gap_count == 7
    assert told(paused=True).paused
    assert summary.connection_health.reason == "conn_2"


def test_gaps_are_bounded() -> None:
    """At most 20 gaps, 20 names each with their true number, texts cut, diagnostics left out."""
    names = tuple(f"p{n}" for n in range(50))
    wide = gap(
        reason="r" * 300,
        message="m" * 300,
        stream="notes",
        partitions=names,
        diagnostics={"missing_count": 900, "secret": "s"},
        recovery_hint={"action": "unknown"},
    )
    shown = told(gaps=(wide,) * 30).known_gaps
    assert len(shown) == 20
    assert shown[0] == KnownGap(
        kind="stream_skipped",
        reason="r" * 199 + "…",
        severity="recoverable",
        stream="notes",
        partitions=names[:20],
        partition_count=900,
        message="m" * 199 + "…",
        recovery_hint={"action": "unknown"},
    )
    assert told(gaps=(wide,) * 30).known_gap_count == 30
    assert told(gaps=(gap(partitions=names),)).known_gaps[0].partition_count == 50
    assert told(gaps=(gap(),)).known_gaps[0].partition_count is None
