"""Things to write, and short ways to write and read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from pdpp_host.arguments import RecordBatch, RecordQuery
from pdpp_host.domain import entities
from pdpp_host.domain.evidence import Evidence
from pdpp_host.domain.manifest import Manifest, StreamManifest
from pdpp_host.ports import Storage, StorageError

AT = datetime(2026, 5, 1, 10, 0, 0, 5, tzinfo=UTC)


def upsert(key: str, **data: Any) -> entities.RecordWrite:
    """A write of a record with this key and data."""
    return raw_upsert(key, msgspec.json.encode({"id": key, **data}).decode())


def raw_upsert(key: str, data: str) -> entities.RecordWrite:
    """A write of a record whose data is this JSON text."""
    return entities.RecordWrite(identity(key), key, data, "2026-05-01T10:00:00Z")


def delete(key: str) -> entities.RecordWrite:
    """A delete of the record with this key."""
    return entities.RecordWrite(identity(key), key, None, "2026-05-01T11:00:00Z")


def identity(key: str) -> str:
    """The record id that goes with a key here."""
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def batch(
    *records: entities.RecordWrite,
    connection: str = "con-1",
    path: int = 0,
    stream: str = "messages",
    name: str = "bat-1",
) -> RecordBatch:
    """Records as they come from a path."""
    return RecordBatch(connection, path, stream, name, AT, records)


def write(storage: Storage, *records: entities.RecordWrite, **where: Any) -> entities.Counts:
    """Write records in a unit of their own; `where` is as for `batch`."""
    with storage.write() as unit:
        counts = unit.write_records(batch(*records, **where))
        unit.commit()
    return counts


def read(
    storage: Storage, *connections: str, stream: str = "messages", after: int = 0, limit: int = 100
) -> list[entities.StoredRecord]:
    """A page of live records of these connections, or of `con-1`."""
    with storage.read() as view:
        return view.records(RecordQuery(stream, connections or ("con-1",), after, limit))


def keys(storage: Storage, *connections: str, **page: Any) -> list[str]:
    """The keys on a page of live records."""
    return [record.key for record in read(storage, *connections, **page)]


def a_connector(key: str = "folder", *command: str) -> entities.Connector:
    """A connector of one stream."""
    stream = StreamManifest("messages", "append_only", {"type": "object"}, ("id",))
    return entities.Connector(Manifest(key, "1.0", "Folder", (stream,)), command or ("folder",), {"A": "b"})


def a_connection(name: str = "con-1", at: datetime = AT, shown: str = "Mine") -> entities.Connection:
    """A connection."""
    return entities.Connection(name, "folder", shown, at)


def a_path(connection: str = "con-1", ordinal: int = 0) -> entities.Path:
    """An acquisition path."""
    source = entities.Source(root="/data")
    return entities.Path(connection, ordinal, "folder", "device_sync", {"local": "x"}, source, AT)


def a_run(name: str = "run-1", connection: str = "con-1") -> entities.Run:
    """A run that has begun."""
    return entities.Run(name, connection, 0, "bat-1", "active", {"streams": []}, False, AT)


def a_batch(name: str = "bat-1") -> entities.Batch:
    """A batch that has begun."""
    return entities.Batch(name, "con-1", 0, "device_sync", "run-1", AT)


def an_event(kind: str, run: str | None = "run-1", source: str = "con-1") -> entities.SpineEvent:
    """An event of the spine."""
    return entities.SpineEvent("connection", source, run, AT, kind, {"n": 1})


def a_fold(connection: str = "con-1", shown: str = "Mine") -> Evidence:
    """What is known of a connection, so far as it shows which one it is."""
    return Evidence(connection, "folder", shown, AT)


@contextmanager
def refused() -> Iterator[None]:
    """The block must end in a StorageError."""
    try:
        yield
    except StorageError:
        return
    raise AssertionError("the storage did what it should have refused with a StorageError")
