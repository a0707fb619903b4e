"""What the host remembers: connectors, connections, paths, runs, batches, records."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.messages import TimeRange

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
    """One owner-facing configured source; what is collected for a superseded one goes to another."""

    connection_id: str
    connector_key: str
    display_name: str
    created_at: datetime
    paused: bool = False
    superseded_by: str | None = None


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
    imported: bool = False


class SpineEvent(Struct, frozen=True):
    """One line of the append-only spine."""

    source_kind: str
    source_id: str
    run_id: str | None
    occurred_at: datetime
    event_type: str
    data: dict[str, Any] = {}


class CoverageClaim(Struct, frozen=True, omit_defaults=True):
    """What a batch claims to cover of a stream, and whether it has the authority that it claims.

    `window` bounds the claim in time, all of it without one. `authority` is None until the batch is over;
    `denied` says why it has none.
    """

    stream: str
    claim: Literal["full_refresh", "none"]
    window: TimeRange | None = None
    authority: bool | None = None
    denied: Literal["not_claimed", "not_permitted", "narrowed", "run_not_completed", "incomplete"] | None = (
        None
    )


class BatchCounts(Struct, frozen=True):
    """What became of what a batch held.

    Records parsed; of these accepted (new, changed or deleted), duplicate (nothing new in them) and failed
    (refused). `skipped` counts what the connector said that it left out.
    """

    parsed: int = 0
    accepted: int = 0
    duplicate: int = 0
    skipped: int = 0
    failed: int = 0


class Artifact(Struct, frozen=True):
    """A file that an owner imported: the name it came with, its bytes and what they were taken for."""

    name: str
    sha256: str
    size: int
    source_format: str


class Batch(Struct, frozen=True):
    """One bounded acquisition event of a path, with its provenance, its claims and its receipt."""

    batch_id: str
    connection_id: str
    path: int
    method: Method
    run_id: str
    started_at: datetime
    connector_key: str = ""
    parser_version: str = ""
    status: Literal["open", "completed", "failed", "cancelled"] = "open"
    finished_at: datetime | None = None
    counts: BatchCounts = BatchCounts()
    coverage: tuple[CoverageClaim, ...] = ()
    artifact: Artifact | None = None


class LinkProof(Struct, frozen=True):
    """A proof as it was when a path joined a connection because of it.

    `path` is the one that joined, `with_path` the one it was compared with; `from_connection` is the
    connection that it came from and that is superseded now, where there was one.
    """

    connection_id: str
    path: int
    with_path: int
    rule: str
    reason: str
    proved_at: datetime
    from_connection: str | None = None


class InstalledRule(Struct, frozen=True):
    """An identity rule that is in force; `declared` is its text where no plugin brings it."""

    name: str
    installed_at: datetime
    declared: dict[str, Any] | None = None


class Lease(Struct, frozen=True):
    """Who holds a connection, and for which run; the run's row may not be written yet."""

    connection_id: str
    run_id: str
    holder: str
    taken_at: datetime


class RecordWrite(Struct, frozen=True, gc=False):
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


class UnseenRecord(Struct, frozen=True):
    """A live record that a batch has not met; `seen_by` has a bit for each path that has seen it."""

    position: int
    record_id: str
    key: str
    data: dict[str, Any]
    seen_by: int
