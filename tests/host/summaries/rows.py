"""Evidence rows to try synthesis on: one that is healthy, and any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st

from pdpp_host.domain.endings import TerminalReason
from pdpp_host.domain.entities import Gap, Method, RunStatus, Severity
from pdpp_host.domain.evidence import (
    Evidence,
    EvidenceRow,
    Liveness,
    Maintenance,
    PathEvidence,
    Policy,
    Retained,
    RunEvidence,
    SurfaceEvidence,
    SurfaceStatus,
)
from pdpp_host.summaries import Summary, synthesise

AT = datetime(2026, 5, 1, 10, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POLICY = Policy(maximum_staleness_seconds=86_400.0)
DEAD = Liveness(running=True, carrier="dead")


def run(**more: Any) -> RunEvidence:
    """A run of the first path that completed at 10:00."""
    told = {"run_id": "run_1", "path": 0, "status": "completed", "started_at": AT - HOUR, "finished_at": AT}
    return RunEvidence(**told | more)


def gap(severity: Severity = "recoverable", **more: Any) -> Gap:
    """A gap of that severity."""
    return Gap(**{"kind": "stream_skipped", "reason": "source_shut", "severity": severity} | more)


def surface(status: SurfaceStatus, **more: Any) -> SurfaceEvidence:
    """What was heard of a browser surface an hour after the last run."""
    return SurfaceEvidence(status=status, at=AT + HOUR, **{"reason": "no_browser"} | more)


def evidence(**more: Any) -> Evidence:
    """A connection that collected all there is at 10:00."""
    told = {
        "connection_id": "conn_1",
        "connector_key": "folder",
        "display_name": "Notes",
        "created_at": AT - 24 * HOUR,
        "paths": (PathEvidence(0, "folder", "provider_api"),),
        "last_run": run(),
        "last_successful_run": run(),
        "captured_at": AT,
    }
    return Evidence(**told | more)


def row(of: Evidence | None, failed: str | None = None, **more: Any) -> EvidenceRow:
    """That evidence as a clean row, or as one that could not be made anew."""
    return EvidenceRow("conn_1", of, Maintenance(version=3, folded=3, failed=failed), **more)


def told(now: datetime = AT + 2 * HOUR, liveness: Liveness | None = None, **more: Any) -> Summary:
    """The summary of a connection that is healthy but for `more`."""
    return synthesise(row(evidence(**more)), now, liveness or Liveness(), POLICY)


def shifted(value: Any, by: timedelta) -> Any:
    """The same with every moment in it moved."""
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, tuple):
        return tuple(shifted(part, by) for part in value)
    if isinstance(value, msgspec.Struct):
        fields = {name: shifted(getattr(value, name), by) for name in value.__struct_fields__}
        return type(value)(**fields)
    return value


def _rows(
    moments: st.SearchStrategy[datetime], seconds: st.SearchStrategy[float], active: bool = False
) -> Any:
    """Rows of any kind, or of connections alone that are known, active and were folded."""
    texts = st.sampled_from(["", "a", "b", "x" * 500]) | st.text(max_size=5)
    maybe = st.none() | texts
    hints = st.none() | st.dictionaries(
        st.sampled_from(["action", "retryable"]),
        st.sampled_from(["refresh_credentials", "upstream_unblock", "odd", None, 3, True, ["unknown"]]),
    )
    names = st.none() | st.lists(texts, max_size=30).map(tuple)
    counts = st.none() | st.fixed_dictionaries({"missing_count": st.sampled_from([0, 7, 90, "7", None])})
    gaps = st.builds(
        Gap, texts, texts, st.sampled_from(get_args(Severity)), maybe, names, maybe, hints, counts
    )
    reasons = st.none() | st.sampled_from(get_args(TerminalReason)) | texts
    ids = st.sampled_from(["r1", "r2"])
    keys = st.none() | st.sampled_from(["k1", "k2"])
    statuses = st.sampled_from(get_args(RunStatus))
    # A count that no storage keeps and ends without an end are as welcome as the rest.
    runs = st.builds(
        RunEvidence,
        ids,
        st.integers(0, 3),
        statuses,
        moments,
        st.none() | moments,
        reasons,
        keys,
        st.booleans(),
        st.booleans(),
    )
    surfaces = st.builds(
        SurfaceEvidence,
        st.sampled_from(get_args(SurfaceStatus)),
        moments,
        maybe,
        keys,
        st.none() | ids,
    )
    paths = st.builds(PathEvidence, st.integers(0, 3), texts, st.sampled_from(get_args(Method)))
    bodies = st.builds(
        Evidence,
        connection_id=st.just("conn_1"),
        connector_key=texts,
        display_name=texts,
        created_at=moments,
        paths=st.lists(paths, max_size=2).map(tuple),
        paused=st.just(False) if active else _seldom,
        superseded_by=st.none() if active else st.sampled_from([None, None, None, "conn_2"]),
        last_run=st.none() | runs,
        last_successful_run=st.none() | runs,
        captured_at=st.none() | moments,
        gaps=st.just(()) | st.lists(gaps, max_size=25).map(tuple),
        gap_count=st.just(0) | st.integers(0, 40),
        surface=st.none() | surfaces,
        maximum_staleness_seconds=st.none() | seconds,
        interval_seconds=st.none() | seconds,
    )
    failed = st.none() if active else st.sampled_from([None, None, None, "fold broke", "y" * 999, ""])
    return st.builds(
        EvidenceRow,
        st.just("conn_1"),
        bodies if active else st.none() | bodies | bodies | bodies,
        st.builds(Maintenance, st.integers(0, 3), st.integers(0, 3), failed),
        st.lists(st.builds(Retained, texts, st.integers(0, 9), st.integers(0, 9)), max_size=3).map(tuple),
        st.none() | moments,
    )


_seldom = st.sampled_from([False, False, False, True])
hours = st.integers(-60, 60).map(lambda n: AT + n * HOUR)
zones = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
any_moments = hours | st.datetimes(timezones=zones)
naive_moments = any_moments | st.datetimes()
spans = st.sampled_from([0.0, 3600.0, 86_400.0, 1e6])
odd_spans = spans | st.floats() | st.sampled_from([1e300, -1.0])
livenesses = st.builds(Liveness, st.booleans(), st.sampled_from(["alive", "dead", "unknown"]))
policies = st.builds(Policy, spans)
rows = _rows(hours, spans)
active_rows = _rows(hours, spans, active=True)
odd_rows = _rows(any_moments, odd_spans)
naive_rows = _rows(naive_moments, odd_spans)
