"""What else an owner is told of a connection, field by field (CS-07, docs/summaries.md)."""

from __future__ import annotations

from datetime import timedelta

from pdpp_host.domain.evidence import Liveness, Policy
from pdpp_host.summaries import synthesise
from pdpp_host.summaries.shapes import KnownGap, Schedule

from .cases import DAY, LATER, failed
from .rows import AT, HOUR, POLICY, evidence, gap, row, run, surface, told


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
