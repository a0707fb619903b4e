"""A connection's summary as it goes over HTTP (features/schemas/summary.json)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from pdpp_host.domain.entities import Severity
from pdpp_host.domain.evidence import PathEvidence, Retained, RunEvidence, SurfaceEvidence

FreshnessStatus = Literal["current", "stale", "unknown"]
State = Literal["healthy", "idle", "degraded", "needs_attention", "blocked", "cooling_off", "unknown"]
Coverage = Literal["complete", "partial", "unknown"]
Attention = Literal["none", "needed", "unknown"]
Tone = Literal["good", "neutral", "warning", "bad"]
Action = Literal[
    "none",
    "wait",
    "run",
    "retry",
    "resume",
    "import",
    "fix_credentials",
    "act_at_source",
    "adjust_selection",
    "review_gaps",
    "review_identity",
    "provide_surface",
    "reconnect",
    "update_connector",
    "rebuild",
]


class Freshness(Struct, frozen=True, omit_defaults=True):
    """How old what was collected is; `current` up to the threshold, and at it."""

    status: FreshnessStatus
    threshold_seconds: float
    captured_at: datetime | None = None
    age_seconds: float | None = None


class Axes(Struct, frozen=True):
    """What health is made of: is all there, is it new, is the owner wanted."""

    coverage: Coverage
    freshness: FreshnessStatus
    attention: Attention


class Health(Struct, frozen=True, omit_defaults=True):
    """How the connection is doing: `rule` is the row of the table that says so, `reason` what it goes by."""

    state: State
    rule: str
    axes: Axes
    reason: str | None = None


class Verdict(Struct, frozen=True):
    """Health in words for a person."""

    label: str
    tone: Tone


class NextAction(Struct, frozen=True, omit_defaults=True):
    """What would help next."""

    action: Action
    reason: str | None = None


class KnownGap(Struct, frozen=True, omit_defaults=True):
    """An open gap, bounded: `partitions` are the first 20 names, `partition_count` counts all."""

    kind: str
    reason: str
    severity: Severity
    stream: str | None = None
    partitions: tuple[str, ...] | None = None
    partition_count: int | None = None
    message: str | None = None
    recovery_hint: dict[str, Any] | None = None


class RetainedShown(Struct, frozen=True):
    """What the connection holds: live records and the bytes of their data, in all and by stream."""

    records: int
    bytes: int
    streams: tuple[Retained, ...]


class Schedule(Struct, frozen=True, omit_defaults=True):
    """The owner's schedule; without `due_at` nothing falls due."""

    interval_seconds: float
    due_at: datetime | None = None
    overdue: bool | None = None


class Summary(Struct, frozen=True, omit_defaults=True):
    """A connection as its owner sees it; what was never learned is left out."""

    connection_id: str
    paused: bool
    freshness: Freshness
    connection_health: Health
    rendered_verdict: Verdict
    next_action: NextAction
    paths: tuple[PathEvidence, ...]
    known_gaps: tuple[KnownGap, ...]
    known_gap_count: int
    retained: RetainedShown
    connector_key: str | None = None
    display_name: str | None = None
    created_at: datetime | None = None
    superseded_by: str | None = None
    last_run: RunEvidence | None = None
    last_successful_run: RunEvidence | None = None
    last_record_at: datetime | None = None
    schedule: Schedule | None = None
    surface: SurfaceEvidence | None = None
