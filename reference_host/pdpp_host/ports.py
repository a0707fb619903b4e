"""The storage port: what the host asks of a storage plugin."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from pdpp_host.arguments import RecordBatch, RecordQuery, RunsQuery, SummaryQuery, UnseenQuery
from pdpp_host.domain.entities import (
    Batch,
    Connection,
    Connector,
    Counts,
    Gap,
    InstalledRule,
    Lease,
    LinkProof,
    Path,
    Run,
    SpineEvent,
    StoredRecord,
    UnseenRecord,
)
from pdpp_host.domain.evidence import Evidence, EvidenceRow, RetainedRow, SurfaceEvidence


class View(Protocol):
    """One consistent snapshot of the database."""

    def connector(self, connector_key: str) -> Connector | None:
        """The registered connector of that key."""

    def connectors(self) -> list[Connector]:
        """All registered connectors, by key."""

    def connection(self, connection_id: str) -> Connection | None:
        """The connection of that id."""

    def connections(self) -> list[Connection]:
        """All connections, oldest first."""

    def paths(self, connection_id: str) -> list[Path]:
        """A connection's acquisition paths, by ordinal."""

    def run(self, run_id: str) -> Run | None:
        """The run of that id."""

    def leases(self) -> list[Lease]:
        """Every lease that is held, by connection."""

    def batches(self, connection_id: str, after: int = 0, limit: int = 100) -> list[tuple[int, Batch]]:
        """A connection's batches with their positions, oldest first, from after a position on."""

    def batch(self, connection_id: str, batch_id: str) -> Batch | None:
        """One batch of a connection."""

    def batches_of(self, connection_id: str, sha256: str) -> list[Batch]:
        """The batches of a connection that imported these bytes, oldest first."""

    def evidence(self, connection_id: str) -> list[tuple[str, int, int]]:
        """(stream, bits of the paths that have seen them, number of live records), by stream and bits."""

    def unseen(self, query: UnseenQuery) -> list[UnseenRecord]:
        """Live records that a refreshing batch has not met, by position."""

    def proofs(self, connection_id: str) -> list[LinkProof]:
        """Proofs by which paths joined a connection, or left it for another, oldest first."""

    def rules(self) -> list[InstalledRule]:
        """The identity rules that are installed, by name."""

    def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
        """Rows of the read model in the order in which connections were made."""

    def runs_of(self, query: RunsQuery) -> list[tuple[int, Run]]:
        """Runs with their positions, latest first; whether they are the connection's is not said here."""

    def open_gaps(self, connection_id: str) -> list[tuple[int, tuple[Gap, ...]]]:
        """The open gaps of each path that has any, by path."""

    def surface(self, connection_id: str) -> SurfaceEvidence | None:
        """What was last heard of a connection's browser surface."""

    def surface_events(self, source_id: str, run_id: str | None = None) -> list[SpineEvent]:
        """The `browser_surface.*` events of a connection, or of one run whoever it is of, in order."""

    def profile_keys(self, connection_id: str) -> tuple[str, ...]:
        """Every browser-surface profile key that was ever bound to a connection."""

    def bound_to(self, profile_key: str) -> str | None:
        """The connection to which a profile key is bound."""

    def schedule(self, connection_id: str) -> int | None:
        """The seconds between the runs that the owner wants, None without a schedule."""

    def recounted(self, connection_id: str) -> list[RetainedRow]:
        """What a connection retains, counted from its records."""

    def timeline(self, run_id: str) -> list[SpineEvent]:
        """A run's spine events in the order in which they were appended."""

    def stream_state(self, connection_id: str, path: int) -> dict[str, Any]:
        """The committed cursor of each stream of a path."""

    def records(self, query: RecordQuery) -> list[StoredRecord]:
        """Live records, by position."""

    def record(self, stream: str, record_id: str, connections: Sequence[str]) -> StoredRecord | None:
        """One live record of one of these connections."""

    def streams(self, connections: Sequence[str]) -> list[tuple[str, str, int]]:
        """(stream, connection id, number of live records) for each stream that has live records."""


class Unit(View, Protocol):
    """One transaction; it is rolled back unless `commit` was called.

    Whatever changes what a summary tells marks the connection's evidence dirty in the same transaction;
    numbers and sizes of records are kept there at once. A `browser_surface.*` event of a connection that is
    appended becomes what is known of its surface.
    """

    def put_connector(self, connector: Connector) -> None:
        """Register a connector, or replace the one of its key."""

    def add_connection(self, connection: Connection) -> None:
        """Add a connection."""

    def update_connection(self, connection: Connection) -> None:
        """Replace a connection's row by this one."""

    def add_path(self, path: Path) -> None:
        """Add an acquisition path to a connection."""

    def add_proof(self, proof: LinkProof) -> None:
        """Keep the proof by which a path joined a connection."""

    def install_rule(self, rule: InstalledRule) -> None:
        """Have an identity rule in force; one of that name is replaced."""

    def remove_rule(self, name: str) -> None:
        """Have an identity rule in force no more."""

    def add_run(self, run: Run) -> None:
        """Add a run."""

    def update_run(self, run: Run) -> None:
        """Replace a run's row by this one."""

    def add_batch(self, batch: Batch) -> None:
        """Add a batch."""

    def update_batch(self, batch: Batch) -> None:
        """Replace a batch's row by this one."""

    def append(self, events: Sequence[SpineEvent]) -> None:
        """Append events to the spine."""

    def write_records(self, batch: RecordBatch) -> Counts:
        """Write records and their history; within a batch the last write of a record wins.

        A record that is equal to the stored one only gains the path's bit. `accepted` counts every
        write that was new or different, `updated` those of them that replaced a live record,
        `deleted` live records that a delete removed. A delete takes the path's bit away; the record is
        removed when no other path has seen it, or when the batch deletes outright, and then it has no bit.
        """

    def put_open_gaps(self, connection_id: str, path: int, gaps: tuple[Gap, ...]) -> None:
        """Have these gaps of a path open, and no others."""

    def bind_profile_key(self, profile_key: str, connection_id: str) -> bool:
        """Bind a key to a connection for ever; False where it is bound to another."""

    def put_schedule(self, connection_id: str, interval_seconds: int | None) -> None:
        """Have a connection run so often, or without a schedule."""

    def put_surface(self, connection_id: str, surface: SurfaceEvidence | None) -> None:
        """Have this known of a connection's browser surface."""

    def put_retained(self, connection_id: str, rows: Sequence[RetainedRow]) -> None:
        """Have a connection retain this, and nothing else."""

    def keep_fold(self, connection_id: str, fold: Evidence | None, version: int, failed: str | None) -> bool:
        """Keep what was folded at a version; False, and nothing kept, where something has changed since."""

    def mark_dirty(self, connection_id: str) -> None:
        """Say that something has changed that the evidence of a connection does not know of."""

    def put_stream_state(
        self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
    ) -> None:
        """Commit cursors, one a stream; streams that are not named keep theirs."""

    def take_lease(self, connection_id: str, run_id: str, holder: str, at: datetime) -> bool:
        """Take a connection's lease for a run; False when another run holds it."""

    def release_lease(self, run_id: str) -> None:
        """Give back the lease that this run holds, if it holds one."""

    def commit(self) -> None:
        """Keep what this unit wrote."""


class Storage(Protocol):
    """A database that is at the newest revision."""

    name: str
    version: str

    def read(self) -> AbstractContextManager[View]:
        """A snapshot to read from."""

    def write(self) -> AbstractContextManager[Unit]:
        """A transaction to write in; concurrent ones wait for each other."""

    def try_write(self) -> AbstractContextManager[Unit | None]:
        """A transaction to write in, or None where it would have to wait for another one."""

    def close(self) -> None:
        """Let go of every connection and file."""


class Databases(Protocol):
    """Empty databases of one kind, for a session that wants one after the other and keeps none."""

    def fresh(self) -> str:
        """The URL of a database with nothing in it, for `open_storage`; StorageError if there is none."""

    def drop(self, url: str) -> None:
        """Remove a database that `fresh` gave, whoever has it open."""

    def close(self) -> None:
        """Remove every database that `fresh` gave, and end whatever was started for them."""


class StorageError(Exception):
    """The database could not do what was asked of it."""


class StorageMissing(StorageError):
    """What a storage needs is not on this machine; the message names it."""
