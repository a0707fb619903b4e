"""What holds for any evidence, at any time, with anything running (CS-07).

`PDPP_EXAMPLES` is the number of examples of each (`make campaign` takes three thousand).
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pdpp_host.domain.evidence import EvidenceRow, Liveness, Policy
from pdpp_host.summaries import synthesise

from .rows import (
    AT,
    HOUR,
    POLICY,
    active_rows,
    any_moments,
    evidence,
    hours,
    livenesses,
    naive_moments,
    naive_rows,
    odd_rows,
    odd_spans,
    policies,
    row,
    rows,
    shifted,
)

SCHEMA = json.loads((Path(__file__).parents[3] / "features" / "schemas" / "summary.json").read_bytes())
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True, offline=True)
BEST_FIRST = {
    "freshness": ("current", "stale"),
    "tone": ("good", "neutral", "warning", "bad"),
    "state": ("healthy", "idle", "unknown", "degraded", "cooling_off", "needs_attention", "blocked"),
}
# A row is a whole history: on a machine that does something else besides, one takes long to make.
ANY = settings(
    max_examples=int(os.environ.get("PDPP_EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow],
)
# What may differ when only what runs now does.
LIVE = ("connection_health", "rendered_verdict", "next_action")


@ANY
@given(naive_rows, naive_moments, livenesses, st.builds(Policy, odd_spans))
def test_total(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> None:
    """No row, no clock and nothing that runs makes it raise, and every answer can be written as JSON."""
    summary = synthesise(row, now, liveness, policy)
    msgspec.json.encode(summary)
    assert (summary.connection_health.state == "unknown") == (
        row.evidence is None or row.maintenance.failed is not None
    )
    for reason in (summary.connection_health.reason, summary.next_action.reason):
        assert reason is None or 0 < len(reason) <= 200


@ANY
@given(odd_rows, any_moments, livenesses, st.builds(Policy, odd_spans))
def test_as_the_schema_says(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> None:
    """Every answer fits features/schemas/summary.json, and has no field that is not in it."""
    wire = json.loads(msgspec.json.encode(synthesise(row, now, liveness, policy)))
    VALIDATOR.validate(wire)
    assert wire.keys() <= SCHEMA["properties"].keys()


@ANY
@given(rows, hours, st.integers(0, 100), livenesses, policies)
def test_time_makes_nothing_better(
    row: EvidenceRow, now: datetime, passed: int, liveness: Liveness, policy: Policy
) -> None:
    """With all else equal freshness goes from current to stale only; tone and state never improve."""
    before, after = (synthesise(row, at, liveness, policy) for at in (now, now + passed * HOUR))
    if "unknown" in (before.freshness.status, after.freshness.status):
        assert before.freshness.status == after.freshness.status
    else:
        _no_better("freshness", before.freshness.status, after.freshness.status)
    _no_better("tone", before.rendered_verdict.tone, after.rendered_verdict.tone)
    _no_better("state", before.connection_health.state, after.connection_health.state)


def _no_better(what: str, before: str, after: str) -> None:
    assert BEST_FIRST[what].index(after) >= BEST_FIRST[what].index(before)


@ANY
@given(rows, hours, livenesses, policies)
def test_never_healthy_with_a_gap(
    row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy
) -> None:
    """An open gap that is not informational shows in state, tone and on the coverage axis."""
    summary = synthesise(row, now, liveness, policy)
    gaps = row.evidence.gaps if row.evidence else ()
    if any(gap.severity != "informational" for gap in gaps):
        assert summary.connection_health.state != "healthy"
        assert summary.rendered_verdict.tone != "good"
        assert summary.connection_health.axes.coverage in ("partial", "unknown")
        assert summary.known_gap_count > 0


@ANY
@given(rows, hours, livenesses, policies)
def test_gaps_leave_freshness_alone(
    row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy
) -> None:
    """Freshness is the same without any gap."""
    assume(row.evidence is not None)
    without = msgspec.structs.replace(
        row, evidence=msgspec.structs.replace(row.evidence, gaps=(), gap_count=0)
    )
    assert (
        synthesise(row, now, liveness, policy).freshness
        == synthesise(without, now, liveness, policy).freshness
    )


@ANY
@given(rows, hours, livenesses, policies)
def test_never_current_past_the_threshold(
    row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy
) -> None:
    """Freshness is current up to the threshold, and neither it nor health pretends beyond."""
    summary = synthesise(row, now, liveness, policy)
    freshness = summary.freshness
    assert summary.connection_health.axes.freshness == freshness.status
    captured_at = None if row.evidence is None else row.evidence.captured_at
    if freshness.status == "unknown":
        assert captured_at is None or row.maintenance.failed is not None
        assert summary.connection_health.state != "healthy"
        return
    assert captured_at is not None
    past = (now - captured_at).total_seconds() > freshness.threshold_seconds
    assert freshness.status == ("stale" if past else "current")
    assert not past or summary.connection_health.state != "healthy"


@ANY
@given(st.integers(0, 10**12), livenesses)
def test_at_the_threshold(microseconds: int, liveness: Liveness) -> None:
    """At the threshold itself it is current, a microsecond later it is stale, at any threshold."""
    span = timedelta(microseconds=microseconds)
    of = row(evidence(maximum_staleness_seconds=span.total_seconds()))
    later = span + timedelta(microseconds=1)
    told = [synthesise(of, AT + age, liveness, POLICY).freshness.status for age in (span, later)]
    assert told == ["current", "stale"]


@ANY
@given(rows, hours, livenesses, livenesses, policies)
def test_liveness_changes_nothing_else(
    row: EvidenceRow, now: datetime, one: Liveness, other: Liveness, policy: Policy
) -> None:
    """What runs now touches health, verdict and next action, and no other field."""
    first, second = (synthesise(row, now, liveness, policy) for liveness in (one, other))
    for name in first.__struct_fields__:
        assert name in LIVE or getattr(first, name) == getattr(second, name)


@ANY
@given(active_rows, hours, policies)
def test_a_dead_carrier_is_told(row: EvidenceRow, now: datetime, policy: Policy) -> None:
    """With liveness alone changed, every active connection that is known and not put aside says so."""
    alive, dead = (synthesise(row, now, Liveness(True, carrier), policy) for carrier in ("alive", "dead"))
    assert alive.connection_health.rule != "stalled"
    assert alive.next_action.action in ("wait", "provide_surface")
    assert (dead.connection_health.rule, dead.next_action.action) == ("stalled", "retry")
    assert dead.connection_health.axes.attention == "needed"


@ANY
@given(rows, hours, livenesses, policies, st.integers(-(10**6), 10**6))
def test_only_the_given_time_counts(
    row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy, seconds: int
) -> None:
    """Twice the same is the same, and with all moments moved alike so is the answer: no clock is read."""
    by = timedelta(seconds=seconds)
    summary: Any = synthesise(row, now, liveness, policy)
    assert synthesise(row, now, liveness, policy) == summary
    assert synthesise(shifted(row, by), now + by, liveness, policy) == shifted(summary, by)
