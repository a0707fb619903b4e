"""Times against the reader's clock: how old what was collected is, and when more is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import isfinite

from pdpp_host.domain.evidence import Evidence, Policy
from pdpp_host.summaries.shapes import Freshness, Schedule


def freshness_of(captured_at: datetime | None, threshold: float, now: datetime) -> Freshness:
    """Current up to the threshold in seconds, and at it; a clock that stepped back makes nothing stale."""
    if captured_at is None:
        return Freshness("unknown", threshold)
    age = max(0.0, (utc(now) - utc(captured_at)).total_seconds())
    return Freshness("current" if age <= threshold else "stale", threshold, captured_at, age)


def threshold_of(evidence: Evidence, policy: Policy) -> float:
    """The connector's own seconds, else the host's; what is no number of seconds is as if it were absent."""
    for seconds in (evidence.maximum_staleness_seconds, policy.maximum_staleness_seconds):
        if seconds is not None and isfinite(seconds) and seconds >= 0:
            return seconds
    return 0.0


def schedule_of(evidence: Evidence, now: datetime) -> Schedule | None:
    """When the next run is due, an interval after the last began; a paused connection's never is."""
    interval = evidence.interval_seconds
    if interval is None or not isfinite(interval) or interval <= 0:
        return None
    if evidence.paused or evidence.superseded_by is not None:
        return Schedule(interval)
    try:
        due = _last_began(evidence) + timedelta(seconds=interval)
    except OverflowError:
        return Schedule(interval)
    return Schedule(interval, due, utc(now) > due)


def _last_began(evidence: Evidence) -> datetime:
    """The last run that counts for the schedule: an import or a part of a run is no substitute for it."""
    began = [evidence.created_at]
    if evidence.captured_at is not None:
        began.append(evidence.captured_at)
    run = evidence.last_run
    if run is not None and not run.imported and not run.narrowed:
        began = [run.started_at]
    return max(map(utc, began))


def utc(moment: datetime) -> datetime:
    """The moment as one that can be compared: without an offset it is taken for UTC."""
    return moment.replace(tzinfo=UTC) if moment.utcoffset() is None else moment
