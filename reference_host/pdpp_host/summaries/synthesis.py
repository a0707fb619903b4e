"""From evidence, the time and what runs now to what the owner is told (CS-07)."""

from __future__ import annotations

from datetime import datetime

from pdpp_host.domain.entities import Gap
from pdpp_host.domain.evidence import GAPS_SHOWN, Evidence, EvidenceRow, Liveness, Policy, Retained
from pdpp_host.summaries.actions import next_action, reason_of
from pdpp_host.summaries.facts import Facts, bounded, incomplete
from pdpp_host.summaries.freshness import freshness_of, schedule_of, threshold_of
from pdpp_host.summaries.rules import RULES, rule_of
from pdpp_host.summaries.shapes import (
    Attention,
    Axes,
    Coverage,
    Health,
    KnownGap,
    RetainedShown,
    Summary,
    Verdict,
)

NAMES_SHOWN = 20
_WANTS_OWNER = tuple(rule for rule in RULES if rule.state in ("needs_attention", "blocked"))


def synthesise(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> Summary:
    """A connection's summary at `now`; the same arguments give the same answer, and none raise."""
    known = row.evidence is not None and row.maintenance.failed is None
    evidence = row.evidence or Evidence(row.connection_id, "", "", now)
    captured_at = evidence.captured_at if known else None
    freshness = freshness_of(captured_at, threshold_of(evidence, policy), now)
    schedule = schedule_of(evidence, now)
    run = evidence.last_run
    facts = Facts(
        evidence,
        folded=row.evidence is not None,
        broken=row.maintenance.failed,
        freshness=freshness.status,
        overdue=schedule is not None and schedule.overdue is True,
        running=liveness.running or (run is not None and run.status == "active"),
        carried=liveness.carrier != "dead",
    )
    rule = rule_of(facts)
    return Summary(
        connection_id=row.connection_id,
        paused=evidence.paused,
        freshness=freshness,
        connection_health=Health(rule.state, rule.name, _axes(facts, known), reason_of(rule, facts)),
        rendered_verdict=Verdict(rule.label, rule.tone),
        next_action=next_action(rule, facts),
        paths=evidence.paths,
        known_gaps=tuple(_shown(gap) for gap in evidence.gaps[:GAPS_SHOWN]),
        known_gap_count=max(evidence.gap_count, len(evidence.gaps)),
        retained=_retained(row.retained),
        connector_key=None if row.evidence is None else evidence.connector_key,
        display_name=None if row.evidence is None else evidence.display_name,
        created_at=None if row.evidence is None else evidence.created_at,
        superseded_by=evidence.superseded_by,
        last_run=run,
        last_successful_run=evidence.last_successful_run,
        last_record_at=row.last_record_at,
        schedule=schedule,
        surface=evidence.surface,
    )


def overview(summary: Summary) -> Summary:
    """What a row of the full list tells of a connection: all that evidence rows can (CS-04.1)."""
    return summary


def _axes(facts: Facts, known: bool) -> Axes:
    """Each axis by itself: a state that outranks another hides none of its facts."""
    if not known:
        return Axes("unknown", "unknown", "unknown")
    attention: Attention = "needed" if any(rule.holds(facts) for rule in _WANTS_OWNER) else "none"
    return Axes(_coverage(facts), facts.freshness, attention)


def _coverage(facts: Facts) -> Coverage:
    if incomplete(facts):
        return "partial"
    return "unknown" if facts.evidence.captured_at is None else "complete"


def _shown(gap: Gap) -> KnownGap:
    names = gap.partitions
    told = (gap.diagnostics or {}).get("missing_count")
    count = None if names is None else max(len(names), told if type(told) is int else 0)
    return KnownGap(
        kind=bounded(gap.kind) or "",
        reason=bounded(gap.reason) or "",
        severity=gap.severity,
        stream=gap.stream,
        partitions=None if names is None else names[:NAMES_SHOWN],
        partition_count=count,
        message=bounded(gap.message),
        recovery_hint=gap.recovery_hint,
    )


def _retained(streams: tuple[Retained, ...]) -> RetainedShown:
    return RetainedShown(
        sum(stream.records for stream in streams), sum(stream.bytes for stream in streams), streams
    )
