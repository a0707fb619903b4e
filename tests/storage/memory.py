"""A third storage, in memory: whole states, copied to be written to and swapped when they are committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from threading import Lock
from typing import Any

import msgspec

from pdpp_host.domain import entities
from pdpp_host.domain.evidence import (
    Evidence,
    EvidenceRow,
    Maintenance,
    Retained,
    RetainedRow,
    SurfaceEvidence,
)
from pdpp_host.domain.surfaces import surface_of
from pdpp_host.ports import (
    RecordBatch,
    RecordQuery,
    RunsQuery,
    StorageError,
    SummaryQuery,
    UnseenQuery,
)

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


class View:
    """Answers from one state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def connector(self, connector_key: str) -> entities.Connector | None:
        return self.state.connectors.get(connector_key)

    def connectors(self) -> list[entities.Connector]:
        return [self.state.connectors[key] for key in sorted(self.state.connectors)]

    def connection(self, connection_id: str) -> entities.Connection | None:
        return self.state.connections.get(connection_id)

    def connections(self) -> list[entities.Connection]:
        return sorted(self.state.connections.values(), key=lambda c: (c.created_at, c.connection_id))

    def paths(self, connection_id: str) -> list[entities.Path]:
        return [p for key, p in sorted(self.state.paths.items()) if key[0] == connection_id]

    def run(self, run_id: str) -> entities.Run | None:
        return self.state.runs.get(run_id)

    def leases(self) -> list[entities.Lease]:
        return [self.state.leases[name] for name in sorted(self.state.leases)]

    def batches(
        self, connection_id: str, after: int = 0, limit: int = 100
    ) -> list[tuple[int, entities.Batch]]:
        all_of_them = enumerate(self.state.batches.values(), start=1)
        mine = [(n, each) for n, each in all_of_them if each.connection_id == connection_id and n > after]
        return mine[:limit]

    def batch(self, connection_id: str, batch_id: str) -> entities.Batch | None:
        found = self.state.batches.get(batch_id)
        return found if found is not None and found.connection_id == connection_id else None

    def batches_of(self, connection_id: str, sha256: str) -> list[entities.Batch]:
        mine = (each for each in self.state.batches.values() if each.connection_id == connection_id)
        return [each for each in mine if each.artifact is not None and each.artifact.sha256 == sha256]

    def evidence(self, connection_id: str) -> list[tuple[str, int, int]]:
        counted: dict[tuple[str, int], int] = {}
        for (connection, stream, _), kept in self.state.records.items():
            if connection == connection_id and kept.write.data is not None:
                counted[stream, kept.seen_by] = counted.get((stream, kept.seen_by), 0) + 1
        return [(*key, number) for key, number in sorted(counted.items())]

    def unseen(self, query: UnseenQuery) -> list[entities.UnseenRecord]:
        kept = {
            r.position: k
            for (c, s, _), k in self.state.records.items()
            for r in [k]
            if (c, s) == (query.connection_id, query.stream)
        }
        found = [
            entities.UnseenRecord(
                position,
                each.write.record_id,
                each.write.key,
                msgspec.json.decode(each.write.data),
                each.seen_by,
            )
            for position, each in sorted(kept.items())
            if each.write.data is not None
            and position > query.after
            and query.batch_id not in (each.batch, each.met_by)
        ]
        return found[: query.limit]

    def proofs(self, connection_id: str) -> list[entities.LinkProof]:
        return [p for p in self.state.proofs if connection_id in (p.connection_id, p.from_connection)]

    def rules(self) -> list[entities.InstalledRule]:
        return [self.state.rules[name] for name in sorted(self.state.rules)]

    def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
        wanted = [
            each.connection_id
            for each in self.connections()
            if query.connection_id in (None, each.connection_id)
            and (query.after is None or (each.created_at, each.connection_id) > query.after)
        ]
        return [self._summary_row(connection) for connection in wanted[: query.limit]]

    def _summary_row(self, connection: str) -> EvidenceRow:
        fold = self.state.folds[connection]
        rows = [row for key, row in sorted(self.state.retained.items()) if key[0] == connection]
        times = [row.last_written_at for row in rows if row.last_written_at is not None]
        retained = tuple(Retained(row.stream, row.records, row.bytes) for row in rows if row.records)
        standing = Maintenance(fold.version, fold.folded, fold.failed)
        return EvidenceRow(connection, fold.evidence, standing, retained, max(times, default=None))

    def runs_of(self, query: RunsQuery) -> list[tuple[int, entities.Run]]:
        found = [
            (position, run)
            for position, run in enumerate(self.state.runs.values(), start=1)
            if query.connection_id == run.connection_id or run.profile_key in query.profile_keys
            if run.status == "completed" or not query.succeeded
            if query.before is None or position < query.before
        ]
        return found[::-1][: query.limit]

    def open_gaps(self, connection_id: str) -> list[tuple[int, tuple[entities.Gap, ...]]]:
        return [(path, gaps) for (c, path), gaps in sorted(self.state.gaps.items()) if c == connection_id]

    def surface(self, connection_id: str) -> SurfaceEvidence | None:
        return self.state.surfaces.get(connection_id)

    def surface_events(self, source_id: str, run_id: str | None = None) -> list[entities.SpineEvent]:
        heard = [each for each in self.state.events if each.event_type.startswith("browser_surface.")]
        if run_id is not None:
            return [each for each in heard if each.run_id == run_id]
        return [each for each in heard if (each.source_kind, each.source_id) == ("connection", source_id)]

    def profile_keys(self, connection_id: str) -> tuple[str, ...]:
        return tuple(sorted(key for key, owner in self.state.profile_keys.items() if owner == connection_id))

    def bound_to(self, profile_key: str) -> str | None:
        return self.state.profile_keys.get(profile_key)

    def schedule(self, connection_id: str) -> int | None:
        return self.state.schedules.get(connection_id)

    def recounted(self, connection_id: str) -> list[RetainedRow]:
        live: dict[str, list[Kept]] = {}
        for (connection, stream, _), kept in sorted(self.state.records.items(), key=lambda each: each[0]):
            if connection == connection_id and kept.write.data is not None:
                live.setdefault(stream, []).append(kept)
        return [
            RetainedRow(
                stream,
                len(found),
                sum(len((each.write.data or "").encode()) for each in found),
                max((each.written_at for each in found if each.written_at is not None), default=None),
            )
            for stream, found in live.items()
        ]

    def timeline(self, run_id: str) -> list[entities.SpineEvent]:
        return [event for event in self.state.events if event.run_id == run_id]

    def stream_state(self, connection_id: str, path: int) -> dict[str, Any]:
        mine = self.state.cursors.items()
        return {stream: cursor for (c, p, stream), cursor in mine if (c, p) == (connection_id, path)}

    def records(self, query: RecordQuery) -> list[entities.StoredRecord]:
        live = self._live(query.connections, query.stream)
        return [record for record in live if record.position > query.after][: query.limit]

    def record(self, stream: str, record_id: str, connections: Sequence[str]) -> entities.StoredRecord | None:
        live = self._live(connections, stream)
        return next((record for record in live if record.record_id == record_id), None)

    def streams(self, connections: Sequence[str]) -> list[tuple[str, str, int]]:
        counted: dict[tuple[str, str], int] = {}
        for (connection, stream, _), kept in self.state.records.items():
            if connection in connections and kept.write.data is not None:
                counted[stream, connection] = counted.get((stream, connection), 0) + 1
        return [(*key, number) for key, number in sorted(counted.items())]

    def _live(self, connections: Sequence[str], wanted: str) -> list[entities.StoredRecord]:
        found = [
            entities.StoredRecord(
                connection,
                stream,
                record_id,
                kept.write.key,
                msgspec.json.decode(kept.write.data),
                kept.write.emitted_at,
                kept.position,
            )
            for (connection, stream, record_id), kept in self.state.records.items()
            if connection in connections and stream == wanted and kept.write.data is not None
        ]
        return sorted(found, key=lambda record: record.position)


class Unit(View):
    """Writes to a state of its own."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.state.copied())
        self.database = database
        self.over = False
        self.dirty: set[str] = set()

    def put_connector(self, connector: entities.Connector) -> None:
        if self.state.connectors.get(connector.key) == connector:
            return
        self._open().connectors[connector.key] = connector
        for path in self.state.paths.values():
            if path.connector_key == connector.key:
                self.mark_dirty(path.connection_id)

    def add_connection(self, connection: entities.Connection) -> None:
        self._add(self._open().connections, connection.connection_id, connection)
        self.state.folds[connection.connection_id] = Fold()

    def update_connection(self, connection: entities.Connection) -> None:
        self._open().connections[connection.connection_id] = connection
        self.mark_dirty(connection.connection_id)

    def add_proof(self, proof: entities.LinkProof) -> None:
        self._open().proofs.append(proof)
        self.mark_dirty(proof.connection_id)

    def install_rule(self, rule: entities.InstalledRule) -> None:
        self._open().rules[rule.name] = rule

    def remove_rule(self, name: str) -> None:
        self._open().rules.pop(name, None)

    def add_path(self, path: entities.Path) -> None:
        self._add(self._open().paths, (path.connection_id, path.ordinal), path)
        self.mark_dirty(path.connection_id)

    def add_run(self, run: entities.Run) -> None:
        self._add(self._open().runs, run.run_id, run)
        self._concerns(run)

    def update_run(self, run: entities.Run) -> None:
        if run.run_id in self._open().runs:
            self.state.runs[run.run_id] = run
        self._concerns(run)

    def add_batch(self, batch: entities.Batch) -> None:
        self._add(self._open().batches, batch.batch_id, batch)

    def update_batch(self, batch: entities.Batch) -> None:
        self._open().batches[batch.batch_id] = batch

    def append(self, events: Sequence[entities.SpineEvent]) -> None:
        self._open().events.extend(events)
        for event in events:
            heard = surface_of(event)
            if heard is not None:
                self.put_surface(event.source_id, heard)
                run = None if event.run_id is None else self.run(event.run_id)
                if run is not None:
                    self._concerns(run)

    def write_records(self, batch: RecordBatch) -> entities.Counts:
        latest = {write.record_id: write for write in batch.records}
        for write in latest.values():
            self._check(write)
        counts = entities.Counts()
        for write in latest.values():
            counts += self._put((batch.connection_id, batch.stream, write.record_id), write, batch)
        if counts != entities.Counts():
            self._retain(batch)
        return counts

    def _retain(self, batch: RecordBatch) -> None:
        now = {row.stream: row for row in self.recounted(batch.connection_id)}
        row = now.get(batch.stream, RetainedRow(batch.stream, 0, 0))
        row = msgspec.structs.replace(row, last_written_at=batch.written_at)
        self.state.retained[batch.connection_id, batch.stream] = row

    def put_open_gaps(self, connection_id: str, path: int, gaps: tuple[entities.Gap, ...]) -> None:
        self._open().gaps[connection_id, path] = gaps
        self.mark_dirty(connection_id)

    def bind_profile_key(self, profile_key: str, connection_id: str) -> bool:
        self.mark_dirty(connection_id)
        return self._open().profile_keys.setdefault(profile_key, connection_id) == connection_id

    def put_schedule(self, connection_id: str, interval_seconds: int | None) -> None:
        self._open().schedules.pop(connection_id, None)
        if interval_seconds is not None:
            self.state.schedules[connection_id] = interval_seconds
        self.mark_dirty(connection_id)

    def put_surface(self, connection_id: str, surface: SurfaceEvidence | None) -> None:
        self._open().surfaces.pop(connection_id, None)
        if surface is not None:
            self.state.surfaces[connection_id] = surface
        self.mark_dirty(connection_id)

    def put_retained(self, connection_id: str, rows: Sequence[RetainedRow]) -> None:
        for key in [key for key in self._open().retained if key[0] == connection_id]:
            del self.state.retained[key]
        self.state.retained.update({(connection_id, row.stream): row for row in rows})

    def keep_fold(self, connection_id: str, fold: Evidence | None, version: int, failed: str | None) -> bool:
        kept = self._open().folds.get(connection_id)
        if kept is None or kept.version != version:
            return False
        self.state.folds[connection_id] = Fold(version, version, fold, failed)
        return True

    def mark_dirty(self, connection_id: str) -> None:
        self.dirty.add(connection_id)

    def _concerns(self, run: entities.Run) -> None:
        owner = None if run.profile_key is None else self.bound_to(run.profile_key)
        self.dirty |= {run.connection_id} | ({owner} if owner is not None else set())

    def put_stream_state(
        self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
    ) -> None:
        self._open().cursors.update({(connection_id, path, name): each for name, each in cursors.items()})

    def take_lease(self, connection_id: str, run_id: str, holder: str, at: datetime) -> bool:
        lease = entities.Lease(connection_id, run_id, holder, at)
        return self._open().leases.setdefault(connection_id, lease).run_id == run_id

    def release_lease(self, run_id: str) -> None:
        leases = self._open().leases
        for connection in [c for c, lease in leases.items() if lease.run_id == run_id]:
            del leases[connection]

    def commit(self) -> None:
        folds = self._open().folds
        for name in self.dirty & set(folds):
            folds[name] = replace(folds[name], version=folds[name].version + 1)
        self.database.state = self.state
        self.over = True

    def _put(self, identity: Identity, write: entities.RecordWrite, batch: RecordBatch) -> entities.Counts:
        records, bit = self._open().records, 1 << batch.path
        old = records.get(identity)
        live = old is not None and old.write.data is not None
        if write.data is None and not live:
            return entities.Counts()
        if old is not None and write.data is None and old.seen_by & ~bit and not batch.outright:
            records[identity] = replace(old, seen_by=old.seen_by & ~bit)
            return entities.Counts()
        if old is not None and (old.write.data, old.write.key) == (write.data, write.key):
            met = batch.batch_id if batch.refreshing else old.met_by
            records[identity] = replace(old, seen_by=old.seen_by | bit, met_by=met)
            return entities.Counts()
        position, seen, version = (
            (old.position, old.seen_by, old.version) if old else (len(records) + 1, 0, 0)
        )
        seen_by = 0 if write.data is None else seen | bit
        met_by = old.met_by if old else ""
        records[identity] = Kept(
            position, write, seen_by, version + 1, batch.batch_id, met_by, batch.written_at
        )
        if write.data is None:
            return entities.Counts(deleted=1)
        return entities.Counts(accepted=1, updated=int(live))

    def _check(self, write: entities.RecordWrite) -> None:
        if write.data is not None:
            try:
                msgspec.json.decode(write.data)
            except (msgspec.DecodeError, RecursionError) as error:
                self._fail(f"data that cannot be read again: {error}")

    def _add(self, table: dict[Any, Any], key: object, row: object) -> None:
        if key in table:
            self._fail(f"{key!r} is there already")
        table[key] = row

    def _fail(self, message: str) -> None:
        self.over = True
        raise StorageError(message)

    def _open(self) -> State:
        if self.over:
            raise StorageError("this transaction is over")
        return self.state


class MemoryStorage:
    """A storage that forgets with the process."""

    name = "memory"
    version = "1"
    unit: type[Unit] = Unit
    view: type[View] = View

    def __init__(self, url: str) -> None:
        self.database = DATABASES.setdefault(url, Database())

    @contextmanager
    def read(self) -> Iterator[View]:
        yield self.view(self.database.state)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        with self.database.writing:
            yield self.unit(self.database)

    @contextmanager
    def try_write(self) -> Iterator[Unit | None]:
        if not self.database.writing.acquire(blocking=False):
            yield None
            return
        try:
            yield self.unit(self.database)
        finally:
            self.database.writing.release()

    def close(self) -> None:
        pass
