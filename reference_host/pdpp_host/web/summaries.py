"""How connections are doing: all of them from maintained evidence, one in depth (CS-02 to CS-07)."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from pdpp_host.arguments import SummaryQuery
from pdpp_host.compose import Host
from pdpp_host.domain.entities import Lease
from pdpp_host.domain.evidence import EvidenceRow, Liveness
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import View
from pdpp_host.readmodel.deep import history_of
from pdpp_host.readmodel.keeping import keep, rows_of
from pdpp_host.runtime.liveness import liveness_of
from pdpp_host.summaries.shapes import Summary
from pdpp_host.web.calls import Call, Operation, Query, SharedRead
from pdpp_host.web.histories import runs_shown
from pdpp_host.web.paging import PAGE_LIMIT, limit_of
from pdpp_host.web.shapes.connections import Changes, ConnectionDetail, ScheduleBody, SummaryPage

LIST = "/_ref/connectors"
_CURSOR = "connections"
_NOT_RUNNING = Liveness()


class Looked(Struct, frozen=True):
    """One look at the read model: evidence, which readers may share, and no synthesis, which they may not."""

    rows: list[EvidenceRow]
    leases: list[Lease]
    more: bool


def look(call: Call) -> Looked:
    """Read the evidence of a page, or of all connections, in one snapshot."""
    limit = limit_of(call) if "limit" in call.query else None
    query = SummaryQuery(after=_after(call), limit=None if limit is None else limit + 1)
    services = call.host.services
    with services.storage.read() as view:
        rows, folds = rows_of(services, view, query)
        leases = view.leases()
    keep(services, folds)
    more = limit is not None and len(rows) > limit
    return Looked(rows[:limit] if more else rows, leases, more)


def list_connectors(call: Call, looked: Looked) -> SummaryPage:
    """How all connections are doing, in the order in which they were made; one in depth with ?connection=."""
    living = _liveness(call.host, looked.leases)
    now = call.host.services.clock.now()
    shallow = call.host.services.overview
    data = tuple(shallow(_summary(call.host, row, living, now)) for row in looked.rows)
    return SummaryPage("list", data, looked.more, _next(call, data[-1]) if looked.more and data else None)


def one_connector(call: Call) -> SummaryPage:
    """The connection that the list was asked for, in depth."""
    return SummaryPage("list", (_detail(call, call.query["connection"]),), False, None)


def show_connection(call: Call) -> ConnectionDetail:
    """One connection in depth: its summary, its latest runs, its last success."""
    return _detail(call, call.path["connection_id"])


def change_connection(call: Call) -> ConnectionDetail:
    """Rename a connection, or pause it."""
    body: Changes = call.typed(Changes)
    connection_id = call.path["connection_id"]
    with call.host.services.storage.write() as unit:
        connection = unit.connection(connection_id)
        if connection is None:
            raise RequestRefused("not_found", f"no connection {connection_id!r}")
        changed = {name: getattr(body, name) for name in body.__struct_fields__}
        given = {name: value for name, value in changed.items() if value is not None}
        unit.update_connection(msgspec.structs.replace(connection, **given))
        unit.commit()
    return _detail(call, connection_id)


def put_schedule(call: Call) -> ConnectionDetail:
    """Say how often a connection should run; starting it is left to whoever calls."""
    body: ScheduleBody = call.typed(ScheduleBody)
    connection_id = call.path["connection_id"]
    with call.host.services.storage.write() as unit:
        if unit.connection(connection_id) is None:
            raise RequestRefused("not_found", f"no connection {connection_id!r}")
        unit.put_schedule(connection_id, body.interval_seconds)
        unit.commit()
    return _detail(call, connection_id)


def _detail(call: Call, connection_id: str) -> ConnectionDetail:
    """One connection from a snapshot of its own, and never from anybody else's."""
    services = call.host.services
    with services.storage.read() as view:
        rows, folds = rows_of(services, view, SummaryQuery(connection_id))
        if not rows:
            raise RequestRefused("not_found", f"no connection {connection_id!r}")
        history = history_of(services, view, connection_id)
        living = _liveness(call.host, _leases(view, connection_id))
    keep(services, folds)
    summary = _summary(call.host, rows[0], living, services.clock.now())
    fields = {name: getattr(summary, name) for name in summary.__struct_fields__}
    success = history.last_successful_run
    last = None if success is None else runs_shown((success,))[0]
    return ConnectionDetail(**fields, runs=runs_shown(history.runs), last_success=last)


def _summary(host: Host, row: EvidenceRow, living: dict[str, Liveness], now: datetime) -> Summary:
    alive = living.get(row.connection_id, _NOT_RUNNING)
    return host.services.synthesise(row, now, alive, host.services.policy)


def _liveness(host: Host, leases: list[Lease]) -> dict[str, Liveness]:
    said = host.stage.liveness if host.stage is not None else {}
    return liveness_of(leases) | said


def _leases(view: View, connection_id: str) -> list[Lease]:
    return [lease for lease in view.leases() if lease.connection_id == connection_id]


def _next(call: Call, last: Summary) -> str:
    at = last.created_at
    assert at is not None, "a row of the list is a connection's"
    return call.keys.sealed(_CURSOR, f"{at.isoformat()} {last.connection_id}".encode())


def _after(call: Call) -> tuple[datetime, str] | None:
    text = call.query.get("cursor")
    if text is None:
        return None
    opened = call.keys.opened(_CURSOR, text)
    if opened is None:
        message = "cursor must be a next_cursor of this list; leave it out to begin again"
        raise RequestRefused("invalid_query", message, "cursor")
    at, _, connection_id = opened.decode().partition(" ")
    return datetime.fromisoformat(at), connection_id


OPERATIONS = (
    Operation(
        LIST,
        "GET",
        "owner",
        one_connector,
        SummaryPage,
        shared=SharedRead(look, list_connectors),
        query=(
            Query("connection", "string", "only this connection, in depth"),
            Query("limit", "integer", "rows a page; all of them when absent", bounds=(1, PAGE_LIMIT)),
            Query("cursor", "string", "the next_cursor of the page before"),
        ),
        refuses=("invalid_query", "not_found"),
    ),
    Operation(
        "/_ref/connections/{connection_id}",
        "GET",
        "owner",
        show_connection,
        ConnectionDetail,
        refuses=("not_found",),
    ),
    Operation(
        "/_ref/connections/{connection_id}",
        "PATCH",
        "owner",
        change_connection,
        ConnectionDetail,
        wants=Changes,
        refuses=("not_found",),
    ),
    Operation(
        "/_ref/connections/{connection_id}/schedule",
        "PUT",
        "owner",
        put_schedule,
        ConnectionDetail,
        wants=ScheduleBody,
        refuses=("not_found",),
    ),
)
