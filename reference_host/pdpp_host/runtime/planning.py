"""From an owner's request to all that a run needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from pdpp_host.domain.entities import Batch, Connection, Connector, Path, Run
from pdpp_host.domain.messages import Scope, Start, StreamScope
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.services import Services


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run needs to know before it starts."""

    run: Run
    path: Path
    connector: Connector
    streams: tuple[StreamScope, ...]
    state: dict[str, Any] | None

    def start(self) -> Start:
        """The START line; it carries `full_refresh` when there is no state."""
        mode: Literal["full_refresh", "incremental"] = "full_refresh" if self.state is None else "incremental"
        return Start(self.run.run_id, mode, Scope(self.streams), self.state, offered(self.path))


def offered(path: Path) -> dict[str, Any]:
    """The bindings that a path has for its connector."""
    url = path.source.base_url
    bindings: dict[str, Any] = {"network": {} if url is None else {"base_url": url}}
    if path.source.root is not None:
        bindings["filesystem"] = {"root": path.source.root}
    return bindings


def planned(services: Services, connection_id: str, body: bytes) -> Plan:
    """The run that a request asks for; raises RequestRefused as `Controller.start` says."""
    connection, path, connector, committed = _configured(services, connection_id)
    request = services.parse_run_request(body, connector.manifest)
    if connection.paused:
        raise RequestRefused("connection_paused", f"{connection_id!r} is paused; resume it first")
    _check_bindings(connector, path)
    streams = services.start_streams(connector.manifest, request, path.since)
    now, run_id, batch_id = services.clock.now(), services.new_id("run"), services.new_id("batch")
    run = Run(
        run_id=run_id,
        connection_id=connection_id,
        path=path.ordinal,
        batch_id=batch_id,
        status="active",
        scope={"streams": msgspec.to_builtins(streams)},
        narrowed=request.narrowed,
        started_at=now,
    )
    # A stream that is to be refreshed in full starts with no cursor.
    going_on = tuple(stream for stream in streams if stream.name not in request.coverage)
    state = services.start_state(connector.manifest, going_on, committed)
    return Plan(run, path, connector, streams, state)


def batch_of(run: Run, path: Path) -> Batch:
    """The batch of a run as it stands: open while the run is under way, then with its receipt."""
    status: Literal["open", "completed", "failed"] = "open"
    if run.status != "active":
        status = "completed" if run.status == "completed" else "failed"
    return Batch(
        run.batch_id,
        run.connection_id,
        run.path,
        path.method,
        run.run_id,
        run.started_at,
        status,
        run.finished_at,
        run.records,
    )


def _check_bindings(connector: Connector, path: Path) -> None:
    missing = sorted({*connector.manifest.runtime_requirements.bindings} - offered(path).keys())
    if missing:
        advice = "; give its source a root" if "filesystem" in missing else ""
        message = f"connector {connector.key!r} needs {', '.join(missing)}, which its path does not offer"
        raise RequestRefused("binding_missing", message + advice)


def _configured(services: Services, connection_id: str) -> tuple[Connection, Path, Connector, dict[str, Any]]:
    with services.storage.read() as view:
        connection = view.connection(connection_id)
        if connection is None:
            raise RequestRefused("not_found", f"no connection {connection_id!r}")
        path = view.paths(connection_id)[0]
        connector = view.connector(path.connector_key)
        assert connector is not None, "a path's connector is registered before the path is configured"
        return connection, path, connector, view.stream_state(connection_id, path.ordinal)
