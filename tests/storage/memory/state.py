"""What a storage in memory holds, at one moment."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime
from threading import Lock
from typing import Any

from pdpp_host.domain import entities
from pdpp_host.domain.evidence import Evidence, RetainedRow, SurfaceEvidence

Identity = tuple[str, str, str]


@dataclass(frozen=True)
class Kept:
    """A record as it is kept; no data is a tombstone."""

    position: int
    write: entities.RecordWrite
    seen_by: int
    version: int
    batch: str
    met_by: str = ""
    written_at: datetime | None = None


@dataclass(frozen=True)
class Fold:
    """What was last kept of a connection's evidence, and of which version; the version that it is at."""

    version: int = 1
    folded: int = 0
    evidence: Evidence | None = None
    failed: str | None = None


@dataclass
class State:
    """Everything, at one moment."""

    connectors: dict[str, entities.Connector] = field(default_factory=dict)
    connections: dict[str, entities.Connection] = field(default_factory=dict)
    paths: dict[tuple[str, int], entities.Path] = field(default_factory=dict)
    runs: dict[str, entities.Run] = field(default_factory=dict)
    batches: dict[str, entities.Batch] = field(default_factory=dict)
    events: list[entities.SpineEvent] = field(default_factory=list)
    cursors: dict[tuple[str, int, str], Any] = field(default_factory=dict)
    leases: dict[str, entities.Lease] = field(default_factory=dict)
    proofs: list[entities.LinkProof] = field(default_factory=list)
    rules: dict[str, entities.InstalledRule] = field(default_factory=dict)
    records: dict[Identity, Kept] = field(default_factory=dict)
    folds: dict[str, Fold] = field(default_factory=dict)
    retained: dict[tuple[str, str], RetainedRow] = field(default_factory=dict)
    gaps: dict[tuple[str, int], tuple[entities.Gap, ...]] = field(default_factory=dict)
    surfaces: dict[str, SurfaceEvidence] = field(default_factory=dict)
    profile_keys: dict[str, str] = field(default_factory=dict)
    schedules: dict[str, int] = field(default_factory=dict)

    def copied(self) -> State:
        """The same, to be written to."""
        return State(*(copy(getattr(self, each.name)) for each in fields(self)))


@dataclass
class Database:
    """What storages of one URL share."""

    state: State = field(default_factory=State)
    writing: Lock = field(default_factory=Lock)


DATABASES: dict[str, Database] = {}
