"""The owner's routes: register, configure, run, look, cancel."""

from __future__ import annotations

import msgspec

from pdpp_host.domain.entities import Connection, Connector, Path, Run, Source
from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import Manifest, ManifestError, parse_manifest
from pdpp_host.domain.requests import RequestRefused, RunRequest
from pdpp_host.runtime.schemas import check_schemas
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.shapes import (
    CancelAsked,
    Configuration,
    Configured,
    Cursors,
    PathShown,
    Registered,
    Registration,
    RunShown,
    RunStarted,
    Timeline,
)


def register(call: Call) -> Registered:
    """Register a connector, or replace the one of its key."""
    body: Registration = call.typed(Registration)
    try:
        manifest = parse_manifest(body.manifest)
        check_schemas(manifest)
    except ManifestError as error:
        raise RequestRefused("invalid_manifest", str(error), error.param) from None
    with call.host.services.storage.write() as unit:
        unit.put_connector(Connector(manifest, body.command, body.environment))
        unit.commit()
    return Registered(manifest.connector_key, manifest.version)


def configure(call: Call) -> Configured:
    """Make a connection with its first path; nothing is ever merged by connector type."""
    body: Configuration = call.typed(Configuration)
    services = call.host.services
    now, connection_id = services.clock.now(), services.new_id("conn")
    with services.storage.write() as unit:
        connector = unit.connector(body.connector_key)
        if connector is None:
            message = f"no connector {body.connector_key!r} is registered"
            raise RequestRefused("unknown_connector", message, "connector_key")
        _check_since(body.since, connector.manifest)
        name = body.display_name or connector.manifest.display_name
        path = Path(
            connection_id,
            0,
            body.connector_key,
            body.method,
            msgspec.to_builtins(body.binding),
            Source(body.source.root, body.source.base_url),
            now,
            body.since,
            body.browser_profile_key,
        )
        unit.add_connection(Connection(connection_id, body.connector_key, name, now))
        unit.add_path(path)
        unit.commit()
    return Configured(connection_id, name, (PathShown(path.ordinal, path.connector_key, path.method),))


def _check_since(since: str | None, manifest: Manifest) -> None:
    """A standing window is a time, and only streams that tell a record's time can be held to it."""
    if since is None:
        return
    if instant(since) is None:
        message = f"since must be an RFC 3339 time with an offset, not {since!r}"
        raise RequestRefused("invalid_request", message, "since")
    timeless = [stream.name for stream in manifest.streams if stream.consent_time_field is None]
    if timeless:
        message = (
            f"streams without a consent_time_field have no window: {', '.join(timeless)}; leave since out"
        )
        raise RequestRefused("time_range_not_supported", message, "since")


def start_run(call: Call) -> RunStarted:
    """Start a run (PR-03)."""
    run = call.host.controller.start(call.path["connection_id"], call.body)
    return RunStarted(run.run_id, "started")


def show_run(call: Call) -> RunShown:
    """A run as it stands."""
    run = _run(call)
    names = (name for name in RunShown.__struct_fields__)
    return msgspec.convert({name: getattr(run, name) for name in names}, RunShown)


def show_timeline(call: Call) -> Timeline:
    """A run's spine events, in order."""
    run = _run(call)
    with call.host.services.storage.read() as view:
        events = view.timeline(run.run_id)
    return Timeline("list", tuple(events), False, None)


def cancel_run(call: Call) -> CancelAsked:
    """Ask a run to end."""
    run = _run(call)
    call.host.controller.cancel(run.run_id)
    return CancelAsked(run.run_id, "cancelling" if run.status == "active" else run.status)


def show_state(call: Call) -> Cursors:
    """The committed cursors, by path and stream."""
    connection_id = call.path["connection_id"]
    with call.host.services.storage.read() as view:
        if view.connection(connection_id) is None:
            raise RequestRefused("not_found", f"no connection {connection_id!r}")
        paths = view.paths(connection_id)
        cursors = {str(path.ordinal): view.stream_state(connection_id, path.ordinal) for path in paths}
    return Cursors(connection_id, cursors)


def _run(call: Call) -> Run:
    with call.host.services.storage.read() as view:
        run = view.run(call.path["run_id"])
    if run is None:
        raise RequestRefused("not_found", f"no run {call.path['run_id']!r}")
    return run


_OF_A_RUN_REQUEST = (
    "invalid_resources",
    "invalid_fields",
    "invalid_time_range",
    "time_range_not_supported",
    "invalid_coverage",
    "coverage_not_permitted",
    "unknown_stream",
    "unknown_record_field",
    "not_found",
    "run_already_active",
    "connection_paused",
    "binding_missing",
    "host_stopping",
)
OPERATIONS = (
    Operation(
        "/_ref/connectors",
        "POST",
        "owner",
        register,
        Registered,
        201,
        Registration,
        refuses=("invalid_manifest",),
    ),
    Operation(
        "/_ref/connections",
        "POST",
        "owner",
        configure,
        Configured,
        201,
        Configuration,
        refuses=("unknown_connector", "time_range_not_supported"),
    ),
    Operation(
        "/_ref/connections/{connection_id}/run",
        "POST",
        "owner",
        start_run,
        RunStarted,
        202,
        RunRequest,
        refuses=_OF_A_RUN_REQUEST,
    ),
    Operation(
        "/_ref/connections/{connection_id}/state", "GET", "owner", show_state, Cursors, refuses=("not_found",)
    ),
    Operation("/_ref/runs/{run_id}", "GET", "owner", show_run, RunShown, refuses=("not_found",)),
    Operation(
        "/_ref/runs/{run_id}/timeline", "GET", "owner", show_timeline, Timeline, refuses=("not_found",)
    ),
    Operation(
        "/_ref/runs/{run_id}/cancel",
        "POST",
        "owner",
        cancel_run,
        CancelAsked,
        202,
        refuses=("not_found", "run_held_elsewhere"),
    ),
)
