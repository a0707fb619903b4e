"""What readers see: streams and records, by connection, never the path behind them (CI-03.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pdpp_host.arguments import RecordQuery
from pdpp_host.domain.entities import Connection, StoredRecord
from pdpp_host.domain.grants import Face
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import View
from pdpp_host.runtime.identity import manifests_of
from pdpp_host.web.calls import Call, Operation, Query
from pdpp_host.web.paging import PAGE_QUERY, after_of, cursor_of, limit_of
from pdpp_host.web.shapes.reading import RecordPage, RecordRow, StreamList, StreamRow


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader's sight of a snapshot; what is not granted is not there."""

    call: Call
    view: View
    face: Face

    def connections(self, stream: str | None = None) -> dict[str, Connection]:
        """The connections that may be read (of `stream`, if given), narrowed to the one asked for."""
        return {each.connection_id: each for each in self._readable(self.view.connections(), stream)}

    def reads(self, connection: Connection, stream: str) -> bool:
        """Whether this stream of a connection may be read."""
        return bool(self._readable((connection,), stream))

    def row(self, record: StoredRecord, connection: Connection) -> RecordRow:
        """A record as this reader sees it."""
        seen = self.call.host.services.granted(
            record, self.call.grant, self._primary_key(record.stream, connection)
        )
        # The name of a record is a digest of its key: where the key may not show, a guess at it could
        # be checked against the digest.
        name = record.record_id if seen.key is not None else self._sealed(record.record_id)
        whose = self.call.host.services.whose(connection)
        return RecordRow(
            name,
            record.stream,
            seen.data,
            record.emitted_at,
            whose.connection_id,
            whose.display_name,
            whose.connector_key,
            seen.key,
        )

    def find(self, stream: str, name: str) -> RecordRow | None:
        """The record of that name, if this reader may know it by that name."""
        readable = self.connections(stream)
        opened = self.call.keys.opened("record", name)
        record_id = name if opened is None else opened.hex()
        found = self.view.record(stream, record_id, tuple(readable))
        if found is None:
            return None
        row = self.row(found, readable[found.connection_id])
        return row if row.record_id == name else None

    def _readable(self, among: Iterable[Connection], stream: str | None) -> tuple[Connection, ...]:
        wanted = self.call.query.get("connection_id")
        return self.call.host.services.readable(self.call.grant, self.face, among, stream, wanted)

    def _sealed(self, record_id: str) -> str:
        return self.call.keys.sealed("record", bytes.fromhex(record_id))

    def _primary_key(self, stream: str, connection: Connection) -> tuple[str, ...] | None:
        if self.call.grant is None or stream not in self.call.grant.fields:
            return None
        manifests = manifests_of(self.view, self.view.paths(connection.connection_id))
        declared = (manifest.stream(stream) for manifest in manifests)
        return next((each.primary_key for each in declared if each is not None), None)


def list_streams(call: Call) -> StreamList:
    """The streams that hold records, once for each connection."""
    with call.host.services.storage.read() as view:
        reader = Reader(call, view, "streams")
        readable = reader.connections()
        rows = tuple(
            StreamRow(stream, count, each.connection_id, each.display_name, each.connector_key)
            for stream, connection_id, count in view.streams(tuple(readable))
            if reader.reads(readable[connection_id], stream)
            for each in [call.host.services.whose(readable[connection_id])]
        )
    return StreamList("list", rows, False, None)


def list_records(call: Call) -> RecordPage:
    """A page of a stream's records."""
    stream, limit = call.path["stream"], limit_of(call)
    after = after_of(call, f"page {stream}")
    with call.host.services.storage.read() as view:
        reader = Reader(call, view, "list")
        readable = reader.connections(stream)
        found = view.records(RecordQuery(stream, tuple(readable), after, limit + 1))
        page = tuple(reader.row(record, readable[record.connection_id]) for record in found[:limit])
    if len(found) <= limit:
        return RecordPage("list", page, False, None)
    # A position counts everybody's records, so a reader never sees one.
    position = found[limit - 1].position.to_bytes(8, "big")
    return RecordPage("list", page, True, cursor_of(call, f"page {stream}", position))


def show_record(call: Call) -> RecordRow:
    """One record by its id."""
    stream, name = call.path["stream"], call.path["record_id"]
    with call.host.services.storage.read() as view:
        found = Reader(call, view, "record").find(stream, name)
    if found is None:
        raise RequestRefused("not_found", f"no record {name!r} in {stream!r}")
    return found


OF_ONE = Query("connection_id", "string", "only what this connection holds")
OPERATIONS = (
    Operation("/v1/streams", "GET", "reader", list_streams, StreamList, query=(OF_ONE,)),
    Operation(
        "/v1/streams/{stream}/records",
        "GET",
        "reader",
        list_records,
        RecordPage,
        query=(OF_ONE, *PAGE_QUERY),
        refuses=("invalid_query",),
    ),
    Operation(
        "/v1/streams/{stream}/records/{record_id}",
        "GET",
        "reader",
        show_record,
        RecordRow,
        query=(OF_ONE,),
        refuses=("not_found",),
    ),
)
