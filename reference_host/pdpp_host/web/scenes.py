"""The stage's part for summaries: time, liveness, finished runs, records in bulk, and what may go wrong."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain.entities import Batch, Connection, Path, RecordWrite, Run, Source, SpineEvent
from pdpp_host.domain.evidence import Liveness
from pdpp_host.domain.instants import moment
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import Unit
from pdpp_host.runtime.gaps import open_gaps
from pdpp_host.runtime.spine import happened
from pdpp_host.services import Services
from pdpp_host.staged import Stage
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.shapes.scenes import (
    BreakBody,
    ClockBody,
    ConnectionsBody,
    DenyBody,
    HoldBody,
    LivenessBody,
    RecordsBody,
    RunsBody,
    Staged,
    TamperBody,
    Tampered,
    TraceBody,
    TraceShown,
)

CHUNK, AT_ONCE = 1000, 50


def set_clock(call: Call) -> Staged:
    """Stop the host's clock at a moment, or let it run again."""
    body: ClockBody = call.typed(ClockBody)
    call.host.services.clock.stop(None if body.at is None else _time(body.at, "at"))
    return Staged(call.host.services.clock.now())


def set_liveness(call: Call) -> Staged:
    """Say of a connection whether a run is under way and whether its carrier lives; null to look again."""
    body: LivenessBody = call.typed(LivenessBody)
    stage = _stage(call)
    if body.carrier is None:
        stage.liveness.pop(body.connection_id, None)
    else:
        stage.liveness[body.connection_id] = Liveness(body.running, body.carrier)
    return Staged(call.host.services.clock.now())


def add_runs(call: Call) -> Staged:
    """Add runs with their events, of a connection, of a profile key or of nobody, or take one further."""
    body: RunsBody = call.typed(RunsBody)
    services, ids = call.host.services, []
    for first in range(0, body.count, CHUNK):
        with services.storage.write() as unit:
            for _ in range(first, min(first + CHUNK, body.count)):
                known = body.run_id
                made = _take_further(services, unit, body, known) if known else _add_run(services, unit, body)
                ids.append(made)
            unit.commit()
    return Staged(services.clock.now(), tuple(ids))


def _add_run(services: Services, unit: Unit, body: RunsBody) -> str:
    now = services.clock.now()
    at = now if body.at is None else _time(body.at, "at")
    run = Run(
        run_id=services.new_id("run"),
        connection_id=body.connection_id,
        path=body.path,
        batch_id=services.new_id("batch"),
        status=body.status,
        scope={"streams": []},
        narrowed=body.narrowed,
        started_at=at,
        finished_at=None if body.status == "active" else at,
        profile_key=body.profile_key,
        terminal_reason=body.terminal_reason,
        known_gaps=body.known_gaps,
        checkpoint="committed" if body.status == "completed" and not body.narrowed else "not_committed",
        records=body.records,
    )
    unit.add_run(run)
    unit.append([happened(run, at, "run.started")])
    _happen(services, unit, body, run, at)
    return run.run_id


def _take_further(services: Services, unit: Unit, body: RunsBody, run_id: str) -> str:
    """Give a run that began the events and the end that the body tells; nothing else of it is told anew."""
    run = unit.run(run_id)
    if run is None:
        raise RequestRefused("not_found", f"no run {run_id!r}")
    at = services.clock.now()
    if body.status != run.status:
        reason, gaps = body.terminal_reason, body.known_gaps
        run = msgspec.structs.replace(
            run, status=body.status, finished_at=at, terminal_reason=reason, known_gaps=gaps
        )
        unit.update_run(run)
    _happen(services, unit, body, run, at)
    return run_id


def _happen(services: Services, unit: Unit, body: RunsBody, run: Run, at: datetime) -> None:
    """The events of a run's surface, and its end where it has one."""
    surfaces = [
        SpineEvent("connection", run.connection_id, run.run_id, at, event.event_type, event.data)
        for event in body.events
    ]
    ends = body.status not in ("active", "surface_failed")
    unit.append([*surfaces, *([happened(run, at, f"run.{body.status}")] if ends else [])])
    if run.connection_id and body.status != "active":
        open_gaps(services, unit, run)


def add_connections(call: Call) -> Staged:
    """Make many connections of one connector, each with as many records and one run that succeeded."""
    body: ConnectionsBody = call.typed(ConnectionsBody)
    services, ids = call.host.services, []
    for first in range(0, body.count, AT_ONCE):
        with services.storage.write() as unit:
            if unit.connector(body.connector_key) is None:
                raise RequestRefused("not_found", f"no connector {body.connector_key!r} is registered")
            for number in range(first, min(first + AT_ONCE, body.count)):
                ids.append(_add_connection(services, unit, body, number))
            unit.commit()
    return Staged(services.clock.now(), tuple(ids))


def _add_connection(services: Services, unit: Unit, body: ConnectionsBody, number: int) -> str:
    connection_id, batch_id = services.new_id("conn"), services.new_id("batch")
    now, key = services.clock.now(), body.connector_key
    path = Path(connection_id, 0, key, "provider_api", {"local": str(number)}, Source(), now)
    unit.add_connection(Connection(connection_id, key, f"staged {number}", now))
    unit.add_path(path)
    unit.add_batch(_batch(batch_id, path, now))
    wanted = RecordsBody(connection_id, body.stream, body.records)
    writes = tuple(_write(services, path, wanted, n, now) for n in range(body.records))
    unit.write_records(RecordBatch(connection_id, 0, body.stream, batch_id, now, writes))
    _add_run(services, unit, RunsBody("completed", connection_id))
    return connection_id


def add_records(call: Call) -> Staged:
    """Write or delete many records of a stream through the host's own way of writing, as one batch."""
    body: RecordsBody = call.typed(RecordsBody)
    services = call.host.services
    batch_id, now = services.new_id("batch"), services.clock.now()
    for first in range(0, body.count, CHUNK):
        numbers = range(first, min(first + CHUNK, body.count))
        with services.storage.write() as unit:
            path = _path(unit, body.connection_id, body.path)
            if first == 0:
                unit.add_batch(_batch(batch_id, path, now))
            writes = tuple(_write(services, path, body, n, now) for n in numbers)
            unit.write_records(
                RecordBatch(body.connection_id, path.ordinal, body.stream, batch_id, now, writes)
            )
            unit.commit()
    return Staged(now)


def _batch(batch_id: str, path: Path, now: datetime) -> Batch:
    return Batch(
        batch_id,
        path.connection_id,
        path.ordinal,
        path.method,
        "",
        now,
        path.connector_key,
        status="completed",
        finished_at=now,
    )


def _write(services: Services, path: Path, body: RecordsBody, number: int, now: datetime) -> RecordWrite:
    key = f"{body.prefix}{number}"
    name = services.record_id(path.connection_id, path.ordinal, body.stream, key, None)
    data = None if body.deleted else msgspec.json.encode({"id": key, "text": body.text}).decode()
    return RecordWrite(name, key, data, now.isoformat())


def hold(call: Call) -> Staged:
    """Hold looks at the whole read model once their snapshot is open, or let them go, perhaps to fail."""
    body: HoldBody = call.typed(HoldBody)
    _stage(call).hold(body.held, body.failing)
    return Staged(call.host.services.clock.now())


def break_part(call: Call) -> Staged:
    """Have a connection's deep history, or its evidence, fail until it is mended."""
    body: BreakBody = call.typed(BreakBody)
    _stage(call).broken(body.what, body.connection_id, body.broken)
    if body.what == "evidence":
        with call.host.services.storage.write() as unit:
            unit.mark_dirty(body.connection_id)
            unit.commit()
    return Staged(call.host.services.clock.now())


def deny_writes(call: Call) -> Staged:
    """Have every write fail, or not any more."""
    body: DenyBody = call.typed(DenyBody)
    _stage(call).denied = body.denied
    return Staged(call.host.services.clock.now())


def show_trace(call: Call) -> TraceShown:
    """What the request of that `X-Request-Id` asked of the database, and how many projections there were."""
    body: TraceBody = call.typed(TraceBody)
    stage = _stage(call)
    traced = stage.traces.of(body.request_id)
    return TraceShown(traced.reads, traced.writes, traced.rows_read, traced.rows_written, stage.projections)


def tamper(call: Call) -> Tampered:
    """Overwrite whatever is stored of a connection's rendering: this host stores none, and says so."""
    call.typed(TamperBody)
    return Tampered(())


def _stage(call: Call) -> Stage:
    stage = call.host.stage
    if stage is None:
        raise RequestRefused("not_supported", "this host was put together without a stage")
    return stage


def _time(text: str, param: str) -> datetime:
    at = moment(text)
    if at is None:
        message = f"{param} must be an RFC 3339 time with an offset, not {text!r}"
        raise RequestRefused("invalid_request", message, param)
    return at


def _path(unit: Unit, connection_id: str, ordinal: int) -> Path:
    for path in unit.paths(connection_id):
        if path.ordinal == ordinal:
            return path
    raise RequestRefused("not_found", f"no path {ordinal} of connection {connection_id!r}")


def _operation(name: str, function: object, gives: object, wants: object, *more: str) -> Operation:
    return Operation(
        f"/_stage/{name}",
        "POST",
        "stage",
        function,  # type: ignore[arg-type]
        gives,
        wants=wants,  # type: ignore[arg-type]
        refuses=("not_supported", *more),
    )


OPERATIONS = (
    _operation("break", break_part, Staged, BreakBody),
    _operation("clock", set_clock, Staged, ClockBody),
    _operation("connections", add_connections, Staged, ConnectionsBody, "not_found"),
    _operation("deny_writes", deny_writes, Staged, DenyBody),
    _operation("hold", hold, Staged, HoldBody),
    _operation("liveness", set_liveness, Staged, LivenessBody),
    _operation("records", add_records, Staged, RecordsBody, "not_found"),
    _operation("runs", add_runs, Staged, RunsBody, "not_found"),
    _operation("tamper", tamper, Tampered, TamperBody),
    _operation("trace", show_trace, TraceShown, TraceBody),
)
