"""The owner's routes: register, configure, run, look, cancel."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct
from starlette.routing import Route

from pdpp_host.domain.entities import Connection, Connector, Method, Path, Run, Source
from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import ManifestError, parse_manifest
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.runtime.schemas import check_schemas
from pdpp_host.web.calls import Call, route


class Registration(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_ref/connectors`."""

    manifest: dict[str, Any]
    command: tuple[str, ...]
    environment: dict[str, str] = {}


class Binding(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which account, profile, device or local thing a path reads."""

    account: str | None = None
    profile: str | None = None
    device: str | None = None
    local: str | None = None


class SourceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a path's connector finds what it reads."""

    root: str | None = None
    base_url: str | None = None


class Configuration(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_ref/connections`."""

    connector_key: str
    binding: Binding
    method: Method
    display_name: str | None = None
    source: SourceBody = SourceBody()
    since: str | None = None
    browser_profile_key: str | None = None


def register(call: Call) -> dict[str, Any]:
    """Register a connector, or replace the one of its key."""
    body: Registration = call.typed(Registration)
    if not body.command or not body.command[0]:
        raise RequestRefused("invalid_request", "command must name a program", "command")
    try:
        manifest = parse_manifest(body.manifest)
        check_schemas(manifest)
    except ManifestError as error:
        raise RequestRefused("invalid_manifest", str(error), error.param) from None
    with call.host.services.storage.write() as unit:
        unit.put_connector(Connector(manifest, body.command, body.environment))
        unit.commit()
    return {"connector_key": manifest.connector_key, "version": manifest.version}


def configure(call: Call) -> dict[str, Any]:
    """Make a connection with its first path; nothing is ever merged by connector type."""
    body: Configuration = call.typed(Configuration)
    if body.since is not None and instant(body.since) is None:
        raise RequestRefused(
            "invalid_request", f"since must be an RFC 3339 time, not {body.since!r}", "since"
        )
    services = call.host.services
    now, connection_id = services.clock.now(), services.new_id("conn")
    with services.storage.write() as unit:
        connector = unit.connector(body.connector_key)
        if connector is None:
            raise RequestRefused(
                "unknown_connector", f"no connector {body.connector_key!r} is registered", "connector_key"
            )
        name = body.display_name or connector.manifest.display_name
        connection = Connection(connection_id, body.connector_key, name, now)
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
        unit.add_connection(connection)
        unit.add_path(path)
        unit.commit()
    return {"connection_id": connection_id, "display_name": name, "paths": [_path(path)]}


def start_run(call: Call) -> dict[str, Any]:
    """Start a run (PR-03)."""
    run = call.host.controller.start(call.path["connection_id"], call.body)
    return {"run_id": run.run_id, "status": "started"}


def show_run(call: Call) -> dict[str, Any]:
    """A run as it stands."""
    return shown(_run(call))


def timeline(call: Call) -> dict[str, Any]:
    """A run's spine events, in order."""
    run = _run(call)
    with call.host.services.storage.read() as view:
        events = view.timeline(run.run_id)
    return {"object": "list", "data": events, "has_more": False, "next_cursor": None}


def cancel(call: Call) -> dict[str, Any]:
    """Ask a run to end."""
    run = _run(call)
    call.host.controller.cancel(run.run_id)
    return {"run_id": run.run_id, "status": "cancelling" if run.status == "active" else run.status}


def state(call: Call) -> dict[str, Any]:
    """The committed cursors, by path and stream."""
    connection_id = call.path["connection_id"]
    with call.host.services.storage.read() as view:
        if view.connection(connection_id) is None:
            raise RequestRefused("not_found", f"no connection {connection_id!r}")
        paths = view.paths(connection_id)
        cursors = {str(path.ordinal): view.stream_state(connection_id, path.ordinal) for path in paths}
    return {"connection_id": connection_id, "state": cursors}


def shown(run: Run) -> dict[str, Any]:
    """A run as the owner sees it; parts that it lacks are left out."""
    whole: dict[str, Any] = msgspec.to_builtins(run, builtin_types=())
    del whole["batch_id"], whole["narrowed"]
    optional = ("finished_at", "profile_key", "terminal_reason", "violation")
    return {name: value for name, value in whole.items() if value is not None or name not in optional}


def _path(path: Path) -> dict[str, Any]:
    return {"path": path.ordinal, "connector_key": path.connector_key, "method": path.method}


def _run(call: Call) -> Run:
    with call.host.services.storage.read() as view:
        run = view.run(call.path["run_id"])
    if run is None:
        raise RequestRefused("not_found", f"no run {call.path['run_id']!r}")
    return run


ROUTES: list[Route] = [
    route("/_ref/connectors", "POST", "owner", register, 201),
    route("/_ref/connections", "POST", "owner", configure, 201),
    route("/_ref/connections/{connection_id}/run", "POST", "owner", start_run, 202),
    route("/_ref/connections/{connection_id}/state", "GET", "owner", state),
    route("/_ref/runs/{run_id}", "GET", "owner", show_run),
    route("/_ref/runs/{run_id}/timeline", "GET", "owner", timeline),
    route("/_ref/runs/{run_id}/cancel", "POST", "owner", cancel, 202),
]
