"""What a grant lets its bearer read: connections, streams and, where it says so, fields (CI-03.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct

from pdpp_host.domain.entities import Connection, StoredRecord

Face = Literal["list", "record", "search", "streams"]


class Grant(Struct, frozen=True):
    """What the owner granted; a stream that `fields` does not name is granted whole."""

    connections: tuple[str, ...]
    streams: tuple[str, ...]
    fields: dict[str, tuple[str, ...]] = {}

    def reaches(self, connection_id: str, stream: str) -> bool:
        """Whether a stream of a connection is granted at all; what is not cannot be told from nothing."""
        return connection_id in self.connections and stream in self.streams


class Whose(Struct, frozen=True):
    """Whose a record is, as its readers are told."""

    connection_id: str
    display_name: str
    connector_key: str


class Granted(Struct, frozen=True):
    """What a reader sees of one record; `key` is None where it would tell a field that is not granted."""

    key: str | None
    data: dict[str, Any]


def readable(
    grant: Grant | None, face: Face, connections: Iterable[Connection], stream: str | None, wanted: str | None
) -> tuple[Connection, ...]:
    """The connections among these that a read face shows, of `stream` where one is given.

    They are narrowed to the connection `wanted`; what is not granted is not there, on whichever face, and
    the owner (no grant) reads all (CI-03.4).
    """
    return tuple(
        each
        for each in connections
        if (wanted is None or each.connection_id == wanted)
        and (grant is None or each.connection_id in grant.connections)
        and (grant is None or stream is None or grant.reaches(each.connection_id, stream))
    )


def whose(connection: Connection) -> Whose:
    """What a row says of the connection that it is of, and nothing of a path (CI-03.4/T1)."""
    return Whose(connection.connection_id, connection.display_name, connection.connector_key)


def granted(record: StoredRecord, grant: Grant | None, primary_key: tuple[str, ...] | None) -> Granted:
    """The part of a record that a grant shows; all of it to the owner (no grant).

    Of a stream with granted fields exactly those show, schema-required ones no more than others. The
    key repeats the fields of the primary key, so it shows only where all of them are granted.
    """
    fields = None if grant is None else grant.fields.get(record.stream)
    if fields is None:
        return Granted(record.key, record.data)
    shown = {name: value for name, value in record.data.items() if name in fields}
    open_key = bool(primary_key) and set(primary_key or ()) <= set(fields)
    return Granted(record.key if open_key else None, shown)
