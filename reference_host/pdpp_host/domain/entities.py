"""What the host remembers: connectors, connections, paths, runs, batches, records."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from pdpp_host.domain.manifest import Manifest

Method = Literal["owner_artifact", "provider_api", "device_sync", "device_backup", "browser_polyfill"]
Severity = Literal["actionable", "recoverable", "transient", "informational"]
RunStatus = Literal["active", "completed", "failed", "cancelled", "surface_failed"]
Checkpoint = Literal["committed", "withheld", "not_committed"]


class Connector(Struct, frozen=True):
    """A registered connector: its manifest and how to start it."""

    manifest: Manifest
    command: tuple[str, ...]
    environment: dict[str, str] = {}

    @property
    def key(self) -> str:
        """The manifest's connector key."""
        return self.manifest.connector_key


class Source(Struct, frozen=True, omit_defaults=True):
    """Where a path's connector finds what it reads."""

    root: str | None = None
    base_url: str | None = None


class Path(Struct, frozen=True):
    """One acquisition path of a connection; `ordinal` is its bit in a record's `seen_by`."""

    connection_id: str
    ordinal: int
    connector_key: str
    method: Method
    binding: dict[str, str]
    source: Source
    created_at: datetime
    since: str | None = None
    browser_profile_key: str | None = None


class Connection(Struct, frozen=True):
    """One owner-facing configured source."""

    connection_id: str
    connector_key: str
    display_name: str
    created_at: datetime
    paused: bool = False


class Violation(Struct, frozen=True, omit_defaults=True):
    """The first line by which a connector broke the protocol; `line` counts from 1 over its stdout.

    `field` names the top-level field of the record that is at fault, where one is.
    """

    rule: str
    line: int
    stream: str | None = None
    key: str | None = None
    message: str | None = None
    field: str | None = None


class Gap(Struct, frozen=True, omit_defaults=True):
    """Something a run knows it did not collect."""

    kind: str
    reason: str
    severity: Severity
    stream: str | None = None
    partitions: tuple[str, ...] | None = None
    message: str | None = None
    recovery_hint: dict[str, Any] | None = None
    diagnostics: dict[str, Any] | None = None


class Counts(Struct, frozen=True):
    """Records of a run: new or changed, of these changed, deleted, and refused.

    `replaced` counts characters that no storage can hold (NUL, lone surrogates), stored as U+FFFD.
    """

    accepted: int = 0
    updated: int = 0
    deleted: int = 0
    rejected: int = 0
    replaced: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.accepted + other.accepted,
            self.updated + other.updated,
            self.deleted + other.deleted,
            self.rejected + other.rejected,
            self.replaced + other.replaced,
        )


class Run(Struct, frozen=True):
    """One run of one path, from its request to its end."""

    run_id: str
    connection_id: str
    path: int
    batch_id: str
    status: RunStatus
    scope: dict[str, Any]
    narrowed: bool
    started_at: datetime
    finished_at: datetime | None = None
    profile_key: str | None = None
    terminal_reason: str | None = None
    violation: Violation | None = None
    known_gaps: tuple[Gap, ...] = ()
    checkpoint: Checkpoint = "not_committed"
    records: Counts = Counts()


class SpineEvent(Struct, frozen=True):
    """One line of the append-only spine."""

    source_kind: str
    source_id: str
    run_id: str | None
    occurred_at: datetime
    event_type: str
    data: dict[str, Any] = {}


class Batch(Struct, frozen=True):
    """One bounded acquisition event of a path, with its receipt."""

    batch_id: str
    connection_id: str
    path: int
    method: Method
    run_id: str
    started_at: datetime
    status: Literal["open", "completed", "failed"] = "open"
    finished_at: datetime | None = None
    counts: Counts = Counts()


class RecordWrite(Struct, frozen=True):
    """One upsert or delete on its way into storage; `data` is JSON text, None on a delete."""

    record_id: str
    key: str
    data: str | None
    emitted_at: str


class StoredRecord(Struct, frozen=True):
    """One stored record; `position` orders records and pages through them."""

    connection_id: str
    stream: str
    record_id: str
    key: str
    data: dict[str, Any]
    emitted_at: str
    position: int
