"""The owner's routes: register, run, look, cancel."""

from __future__ import annotations

import msgspec

from pdpp_host.domain.definitions import IncompatibleStream, check_compatible
from pdpp_host.domain.entities import Connector, Run
from pdpp_host.domain.manifest import Manifest, ManifestError, parse_manifest
from pdpp_host.domain.requests import RequestRefused, RunRequest
from pdpp_host.ports import View
from pdpp_host.runtime.identity import manifests_of
from pdpp_host.runtime.schemas import check_schemas
from pdpp_host.services import Services
from pdpp_host.web.calls import Call, Operation, Query
from pdpp_host.web.shapes.configuring import Registered, Registration
from pdpp_host.web.shapes.runs import CancelAsked, Cursors, RunShown, RunStarted, Timeline


def register(call: Call) -> Registered:
    """Register a connector, or replace the one of its key."""
    body: Registration = call.typed(Registration)
    try:
        manifest = parse_manifest(body.manifest)
        check_schemas(manifest)
    except ManifestError as error:
        raise RequestRefused("invalid_manifest", str(error), error.param) from None
    with call.host.services.storage.write() as unit:
        _check_shapes(call.host.services, unit, manifest)
        unit.put_connector(Connector(manifest, body.command, body.environment))
        unit.commit()
    return Registered(manifest.connector_key, manifest.version)


def _check_shapes(services: Services, view: View, manifest: Manifest) -> None:
    """A new manifest fits the other connectors of every connection that it has a path in (CI-03/R1)."""
    for connection in view.connections():
        paths = view.paths(connection.connection_id)
        others = [path for path in paths if path.connector_key != manifest.connector_key]
        if not others or len(others) == len(paths):
            continue
        try:
            check_compatible([*manifests_of(view, others), manifest], services.fingerprint)
        except IncompatibleStream as error:
            raise RequestRefused("incompatible_stream", str(error), "manifest.streams") from None


def start_run(call: Call) -> RunStarted:
    """Start a run (PR-03)."""
    run = call.host.controller.start(call.path["connection_id"], call.body, _wanted_path(call))
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


def _wanted_path(call: Call) -> int | None:
    text = call.query.get("path")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise RequestRefused("invalid_query", f"path must be the number of a path, not {text!r}", "path")
    return int(text)


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
    "connection_superseded",
    "path_required",
    "identity_rule_missing",
    "identity_rule_broken",
    "invalid_query",
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
        refuses=("invalid_manifest", "incompatible_stream"),
    ),
    Operation(
        "/_ref/connections/{connection_id}/run",
        "POST",
        "owner",
        start_run,
        RunStarted,
        202,
        RunRequest,
        query=(Query("path", "integer", "which path to run, where the connection has several"),),
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
