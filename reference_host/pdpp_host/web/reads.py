"""What readers see: streams and records, by connection, never the path behind them."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from pdpp_host.domain.entities import Connection, StoredRecord
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import RecordQuery, View
from pdpp_host.web.calls import Call, route

PAGE = 100
PAGE_LIMIT = 1000


def streams(call: Call) -> dict[str, Any]:
    """The streams that hold records, once for each connection."""
    with call.host.services.storage.read() as view:
        readable = _readable(call, view)
        rows = [
            {"stream": stream, "records": count, **_attribution(readable[connection_id])}
            for stream, connection_id, count in view.streams(tuple(readable))
        ]
    return {"object": "list", "data": rows, "has_more": False, "next_cursor": None}


def records(call: Call) -> dict[str, Any]:
    """A page of a stream's records."""
    limit = _number(call, "limit", PAGE, 1, PAGE_LIMIT)
    after = _number(call, "cursor", 0, 0, 2**63 - 1)
    with call.host.services.storage.read() as view:
        readable = _readable(call, view)
        query = RecordQuery(call.path["stream"], tuple(readable), after, limit + 1)
        found = view.records(query)
    page = found[:limit]
    more = len(found) > limit
    return {
        "object": "list",
        "data": [_row(record, readable[record.connection_id]) for record in page],
        "has_more": more,
        "next_cursor": str(page[-1].position) if more else None,
    }


def record(call: Call) -> dict[str, Any]:
    """One record by its id."""
    stream, record_id = call.path["stream"], call.path["record_id"]
    with call.host.services.storage.read() as view:
        readable = _readable(call, view)
        found = view.record(stream, record_id, tuple(readable))
    if found is None:
        raise RequestRefused("not_found", f"no record {record_id!r} in {stream!r}")
    return _row(found, readable[found.connection_id])


def _readable(call: Call, view: View) -> dict[str, Connection]:
    """The connections that this caller may read, narrowed to the one it asks for."""
    wanted = call.query.get("connection_id")
    return {
        connection.connection_id: connection
        for connection in view.connections()
        if wanted is None or connection.connection_id == wanted
    }


def _row(record: StoredRecord, connection: Connection) -> dict[str, Any]:
    return {
        "record_id": record.record_id,
        "stream": record.stream,
        "key": record.key,
        "data": record.data,
        "emitted_at": record.emitted_at,
        **_attribution(connection),
    }


def _attribution(connection: Connection) -> dict[str, str]:
    return {
        "connection_id": connection.connection_id,
        "connection_name": connection.display_name,
        "connector_key": connection.connector_key,
    }


def _number(call: Call, name: str, default: int, least: int, most: int) -> int:
    text = call.query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise RequestRefused(
            "invalid_query", f"{name} must be a number from {least} to {most}, not {text!r}", name
        )
    return int(text)


ROUTES: list[Route] = [
    route("/v1/streams", "GET", "owner", streams),
    route("/v1/streams/{stream}/records", "GET", "owner", records),
    route("/v1/streams/{stream}/records/{record_id}", "GET", "owner", record),
]
