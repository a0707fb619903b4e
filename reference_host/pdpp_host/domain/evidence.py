"""Evidence: the durable facts about a connection that its summary is made from (CS-06, CS-07)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from pdpp_host.domain.entities import Gap, Method, RunStatus

SurfaceStatus = Literal["waiting", "leased", "failed", "released"]
GAPS_SHOWN = 20


class RunEvidence(Struct, frozen=True, omit_defaults=True):
    """A run as a summary tells it; `failure_reason` says why it did not complete."""

    run_id: str
    path: int
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None = None
    failure_reason: str | None = None
    profile_key: str | None = None
    narrowed: bool = False
    imported: bool = False


class SurfaceEvidence(Struct, frozen=True, omit_defaults=True):
    """What was last heard of a connection's browser surface."""

    status: SurfaceStatus
    at: datetime
    reason: str | None = None
    profile_key: str | None = None
    run_id: str | None = None


class PathEvidence(Struct, frozen=True):
    """One of a connection's acquisition paths."""

    path: int
    connector_key: str
    method: Method


class Retained(Struct, frozen=True):
    """How much of a stream a connection holds: live records, and the bytes of their data."""

    stream: str
    records: int
    bytes: int


class Evidence(Struct, frozen=True, omit_defaults=True):
    """What is known of a connection and does not change by itself.

    `captured_at` is the end of the last run that succeeded and was neither narrowed nor an import.
    `gaps` are the worst of the open ones, at most 20, and `gap_count` is how many are open.
    `maximum_staleness_seconds` is the connector's policy, `interval_seconds` the owner's schedule.
    """

    connection_id: str
    connector_key: str
    display_name: str
    created_at: datetime
    paths: tuple[PathEvidence, ...] = ()
    paused: bool = False
    superseded_by: str | None = None
    last_run: RunEvidence | None = None
    last_successful_run: RunEvidence | None = None
    captured_at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    gap_count: int = 0
    surface: SurfaceEvidence | None = None
    maximum_staleness_seconds: float | None = None
    interval_seconds: float | None = None


class Maintenance(Struct, frozen=True, omit_defaults=True):
    """How an evidence row stands: the last change it knows of, and why it could not be made anew, if so."""

    version: int
    folded: int
    failed: str | None = None

    @property
    def dirty(self) -> bool:
        """Whether something has changed since the evidence was folded."""
        return self.version != self.folded


class EvidenceRow(Struct, frozen=True):
    """One connection's row of the read model; `evidence` is None before the first fold."""

    connection_id: str
    evidence: Evidence | None
    maintenance: Maintenance
    retained: tuple[Retained, ...] = ()
    last_record_at: datetime | None = None


class Liveness(Struct, frozen=True):
    """What runs now: whether a run holds the connection, and whether the process that carries it is alive.

    `carrier` is `unknown` where nothing can be said of that process.
    """

    running: bool = False
    carrier: Literal["alive", "dead", "unknown"] = "alive"


class Policy(Struct, frozen=True):
    """What a host goes by where a connector's manifest says nothing."""

    maximum_staleness_seconds: float = 7 * 86_400.0
