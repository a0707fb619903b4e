"""What a grant lets its bearer read: connections, streams and, where it says so, fields (CI-03.4)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from pdpp_host.domain.entities import StoredRecord


class Grant(Struct, frozen=True):
    """What the owner granted; a stream that `fields` does not name is granted whole."""

    connections: tuple[str, ...]
    streams: tuple[str, ...]
    fields: dict[str, tuple[str, ...]] = {}

    def reaches(self, connection_id: str, stream: str) -> bool:
        """Whether a stream of a connection is granted at all; what is not cannot be told from nothing."""
        return connection_id in self.connections and stream in self.streams


class Granted(Struct, frozen=True):
    """What a reader sees of one record; `key` is None where it would tell a field that is not granted."""

    key: str | None
    data: dict[str, Any]


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
