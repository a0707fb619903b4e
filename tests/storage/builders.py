"""Entities to write, and ways to look at what was written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from pdpp_host.domain import entities
from pdpp_host.domain.manifest import Manifest, StreamManifest
from pdpp_host.ports import RecordBatch, RecordQuery
from pdpp_plugins.storage.sqlite import SqliteStorage, open_storage

AT = datetime(2026, 5, 1, 10, 0, 0, 5, tzinfo=UTC)


@contextmanager
def opened(file: Path) -> Iterator[SqliteStorage]:
    storage = open_storage(f"sqlite:///{file}")
    assert isinstance(storage, SqliteStorage)
    with closing(storage):
        yield storage


def digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def upsert(key: str, **data: Any) -> entities.RecordWrite:
    text = msgspec.json.encode({"id": key, **data}).decode()
    return entities.RecordWrite(digest(key), key, text, "2026-05-01T10:00:00Z")


def delete(key: str) -> entities.RecordWrite:
    return entities.RecordWrite(digest(key), key, None, "2026-05-01T11:00:00Z")


def write(
    storage: SqliteStorage,
    *records: entities.RecordWrite,
    connection: str = "con-1",
    path: int = 0,
    stream: str = "messages",
    batch: str = "bat-1",
) -> entities.Counts:
    with storage.write() as unit:
        counts = unit.write_records(RecordBatch(connection, path, stream, batch, AT, records))
        unit.commit()
    return counts


def read(
    storage: SqliteStorage,
    *connections: str,
    stream: str = "messages",
    after: int = 0,
    limit: int = 100,
) -> list[entities.StoredRecord]:
    with storage.read() as view:
        return view.records(RecordQuery(stream, connections or ("con-1",), after, limit))


def keys(records: Sequence[entities.StoredRecord]) -> list[str]:
    return [record.key for record in records]


def select(file: Path, question: str) -> list[Any]:
    """The rows that answer `question`, single columns without their tuple."""
    with closing(sqlite3.connect(file)) as database:
        return [row[0] if len(row) == 1 else row for row in database.execute(question)]


def execute(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


def a_connector(key: str = "folder") -> entities.Connector:
    stream = StreamManifest("messages", "append_only", {"type": "object"}, ("id",))
    return entities.Connector(Manifest(key, "1.0", "Folder", (stream,)), ("folder", "{source}"), {"A": "b"})


def a_connection(connection_id: str = "con-1", created_at: datetime = AT) -> entities.Connection:
    return entities.Connection(connection_id, "folder", "My folder", created_at)


def a_path(connection_id: str = "con-1", ordinal: int = 0) -> entities.Path:
    source = entities.Source(root="/data")
    return entities.Path(connection_id, ordinal, "folder", "device_sync", {"local": "x"}, source, AT)


def a_run(run_id: str = "run-1", connection_id: str = "con-1") -> entities.Run:
    return entities.Run(run_id, connection_id, 0, "bat-1", "active", {"streams": []}, False, AT)


def a_batch(batch_id: str = "bat-1") -> entities.Batch:
    return entities.Batch(batch_id, "con-1", 0, "device_sync", "run-1", AT)


def an_event(event_type: str, run_id: str | None = "run-1") -> entities.SpineEvent:
    return entities.SpineEvent("connection", "con-1", run_id, AT, event_type, {"n": 1})
