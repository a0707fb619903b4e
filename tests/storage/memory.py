"""A third storage, in memory: whole states, copied to be written to and swapped when they are committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime
from threading import Lock
from typing import Any

import msgspec

from pdpp_host.domain import entities
from pdpp_host.ports import RecordBatch, RecordQuery, StorageError

Identity = tuple[str, str, str]


@dataclass(frozen=True)
class Kept:
    """A record as it is kept; no data is a tombstone."""

    position: int
    write: entities.RecordWrite
    seen_by: int
    version: int


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
    leases: dict[str, tuple[str, str]] = field(default_factory=dict)
    records: dict[Identity, Kept] = field(default_factory=dict)

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

    def active_runs(self) -> list[tuple[entities.Run, str]]:
        held = self.state.leases.values()
        return [(self.state.runs[run], holder) for run, holder in held if run in self.state.runs]

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

    def put_connector(self, connector: entities.Connector) -> None:
        self._open().connectors[connector.key] = connector

    def add_connection(self, connection: entities.Connection) -> None:
        self._add(self._open().connections, connection.connection_id, connection)

    def add_path(self, path: entities.Path) -> None:
        self._add(self._open().paths, (path.connection_id, path.ordinal), path)

    def add_run(self, run: entities.Run) -> None:
        self._add(self._open().runs, run.run_id, run)

    def update_run(self, run: entities.Run) -> None:
        self._open().runs[run.run_id] = run

    def add_batch(self, batch: entities.Batch) -> None:
        self._add(self._open().batches, batch.batch_id, batch)

    def update_batch(self, batch: entities.Batch) -> None:
        self._open().batches[batch.batch_id] = batch

    def append(self, events: Sequence[entities.SpineEvent]) -> None:
        self._open().events.extend(events)

    def write_records(self, batch: RecordBatch) -> entities.Counts:
        latest = {write.record_id: write for write in batch.records}
        for write in latest.values():
            self._check(write)
        counts = entities.Counts()
        for write in latest.values():
            counts += self._put((batch.connection_id, batch.stream, write.record_id), write, 1 << batch.path)
        return counts

    def put_stream_state(
        self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
    ) -> None:
        self._open().cursors.update({(connection_id, path, name): each for name, each in cursors.items()})

    def take_lease(self, connection_id: str, run_id: str, holder: str, at: datetime) -> bool:
        return self._open().leases.setdefault(connection_id, (run_id, holder))[0] == run_id

    def release_lease(self, run_id: str) -> None:
        leases = self._open().leases
        for connection in [c for c, (run, _) in leases.items() if run == run_id]:
            del leases[connection]

    def commit(self) -> None:
        self.database.state = self._open()
        self.over = True

    def _put(self, identity: Identity, write: entities.RecordWrite, bit: int) -> entities.Counts:
        records = self._open().records
        old = records.get(identity)
        live = old is not None and old.write.data is not None
        if write.data is None and not live:
            return entities.Counts()
        if old is not None and (old.write.data, old.write.key) == (write.data, write.key):
            records[identity] = Kept(old.position, old.write, old.seen_by | bit, old.version)
            return entities.Counts()
        position, seen, version = (
            (old.position, old.seen_by, old.version) if old else (len(records) + 1, 0, 0)
        )
        records[identity] = Kept(position, write, seen | (0 if write.data is None else bit), version + 1)
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

    def close(self) -> None:
        pass
