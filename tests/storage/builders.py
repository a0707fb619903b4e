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
from sqlalchemy import Executable

from pdpp_host.arguments import RecordBatch, RecordQuery
from pdpp_host.domain import entities
from pdpp_host.domain.manifest import Manifest, StreamManifest
from pdpp_plugins.storage import postgres, sqlite
from pdpp_plugins.storage.sql_storage import SqlStorage

AT = datetime(2026, 5, 1, 10, 0, 0, 5, tzinfo=UTC)


@contextmanager
def opened(where: str | Path) -> Iterator[SqlStorage]:
    """The storage behind a URL, or in a SQLite file."""
    url = where if isinstance(where, str) else f"sqlite:///{where}"
    storage = sqlite.open_storage(url) or postgres.open_storage(url)
    assert isinstance(storage, SqlStorage)
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
    storage: SqlStorage,
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
    storage: SqlStorage,
    *connections: str,
    stream: str = "messages",
    after: int = 0,
    limit: int = 100,
) -> list[entities.StoredRecord]:
    with storage.read() as view:
        return view.records(RecordQuery(stream, connections or ("con-1",), after, limit))


def keys(records: Sequence[entities.StoredRecord]) -> list[str]:
    return [record.key for record in records]


def select(where: SqlStorage | Path, question: str) -> list[Any]:
    """The rows that answer `question`, single columns without their tuple."""
    if isinstance(where, SqlStorage):
        with where._reader.connect() as connection:
            rows = [tuple(row) for row in connection.exec_driver_sql(question)]
    else:
        with closing(sqlite3.connect(where)) as database:
            rows = list(database.execute(question))
    return [row[0] if len(row) == 1 else row for row in rows]


def execute(where: SqlStorage | Path, *statements: str) -> None:
    """Do something behind the storage's back."""
    if isinstance(where, SqlStorage):
        with where._writer.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        return
    with closing(sqlite3.connect(where, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


def explained(storage: SqlStorage, question: Executable, given: dict[str, Any]) -> list[str]:
    """The steps in which the database would answer, once it knows its tables."""
    execute(storage, "ANALYZE")
    how = "EXPLAIN QUERY PLAN" if storage.name == "sqlite" else "EXPLAIN"
    with storage._reader.connect() as connection:
        compiled = question.compile(connection, compile_kwargs={"render_postcompile": True})
        names = compiled.positiontup if compiled.positional else None
        given = {**compiled.params, **given}
        values = tuple(given[name] for name in names) if names is not None else given
        return [str(row[-1]) for row in connection.exec_driver_sql(f"{how} {compiled}", values)]


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
