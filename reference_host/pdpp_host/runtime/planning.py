"""From an owner's request to all that a run needs to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from msgspec import structs, to_builtins

from pdpp_host.domain.entities import Connection, Connector, Path, Run
from pdpp_host.domain.identity import Rules
from pdpp_host.domain.messages import Scope, Start, StreamScope
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import View
from pdpp_host.runtime.identity import in_force, reach
from pdpp_host.services import Services


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run needs to know before it starts.

    `claimed` are the streams for which it claims a full refresh, each with the bits of the paths whose
    records it may remove by a rule's word. `release` lets go of what was prepared for the run.
    """

    run: Run
    path: Path
    connector: Connector
    streams: tuple[StreamScope, ...]
    state: dict[str, Any] | None
    rules: Rules = field(default_factory=Rules)
    claimed: dict[str, int] = field(default_factory=dict)
    release: Callable[[], None] = lambda: None

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


def planned(
    services: Services, view: View, connection_id: str, body: bytes, wanted: int | None = None
) -> Plan:
    """The run that a request asks for; raises RequestRefused as `Controller.start` says.

    `wanted` is the ordinal of the path to run; without one it is the path by which the connection is
    collected, where there is only one such path.
    """
    path = _runnable(view.paths(living(view, connection_id).connection_id), wanted)
    plan = planned_for(services, view, path, body)
    collecting(view, connection_id)
    committed = view.stream_state(connection_id, path.ordinal)
    _check_bindings(plan.connector, path)
    # A stream that is to be refreshed in full starts with no cursor.
    going_on = tuple(stream for stream in plan.streams if stream.name not in plan.claimed)
    state = services.start_state(plan.connector.manifest, going_on, committed)
    return with_state(plan, state)


def planned_for(services: Services, view: View, path: Path, body: bytes, *, imported: bool = False) -> Plan:
    """The run of a path, without its state; raises RequestRefused for a request that is not well formed."""
    connector = view.connector(path.connector_key)
    assert connector is not None, "a path's connector is registered before the path is configured"
    request = services.parse_run_request(body, connector.manifest)
    streams = services.start_streams(connector.manifest, request, path.since)
    rules = in_force(services, view)
    run = Run(
        run_id=services.new_id("run"),
        connection_id=path.connection_id,
        path=path.ordinal,
        batch_id=services.new_id("batch"),
        status="active",
        scope={"streams": to_builtins(streams)},
        narrowed=request.narrowed,
        started_at=services.clock.now(),
        profile_key=path.browser_profile_key,
        imported=imported,
    )
    claimed = {stream: reach(services, view, rules, path, stream) for stream in request.coverage}
    return Plan(run, path, connector, streams, None, rules, claimed)


def collecting(view: View, connection_id: str) -> Connection:
    """The connection of that id; RequestRefused where there is none that takes runs."""
    connection = living(view, connection_id)
    if connection.paused:
        raise RequestRefused("connection_paused", f"{connection_id!r} is paused; resume it first")
    return connection


def renewed(plan: Plan, reserved: Plan) -> Plan:
    """The plan of a run as things stand now, for the run for which the lease was reserved."""
    first = reserved.run
    run = structs.replace(plan.run, run_id=first.run_id, batch_id=first.batch_id, started_at=first.started_at)
    return replace(plan, run=run)


def with_state(plan: Plan, state: dict[str, Any] | None) -> Plan:
    """The plan, starting from this state."""
    return replace(plan, state=state)


def reading(plan: Plan, root: str, release: Callable[[], None]) -> Plan:
    """The plan over what was staged under `root`, started now; `release` removes that when it is over."""
    path = structs.replace(plan.path, source=structs.replace(plan.path.source, root=root))
    return replace(plan, path=path, release=release)


def registered(view: View, connector_key: str) -> Connector:
    """The connector of that key; RequestRefused (`unknown_connector`) where there is none."""
    connector = view.connector(connector_key)
    if connector is None:
        known = ", ".join(each.key for each in view.connectors())
        message = f"no connector {connector_key!r} is installed; there are {known}"
        raise RequestRefused("unknown_connector", message)
    return connector


def living(view: View, connection_id: str) -> Connection:
    """The connection of that id; RequestRefused where there is none, or where another has taken over."""
    connection = view.connection(connection_id)
    if connection is None:
        raise RequestRefused("not_found", f"no connection {connection_id!r}")
    if connection.superseded_by is not None:
        raise RequestRefused(
            "connection_superseded",
            f"what {connection_id!r} collected goes on in {connection.superseded_by!r}; ask there",
            connection_id=connection.superseded_by,
        )
    return connection


def _runnable(paths: list[Path], wanted: int | None) -> Path:
    if wanted is not None:
        for path in paths:
            if path.ordinal == wanted:
                return path
        raise RequestRefused("not_found", f"the connection has no path {wanted}", "path")
    if len(paths) == 1:
        return paths[0]
    collected = [path for path in paths if path.method != "owner_artifact"]
    if len(collected) == 1:
        return collected[0]
    named = ", ".join(f"{path.ordinal} ({path.connector_key}, {path.method})" for path in paths)
    raise RequestRefused(
        "path_required", f"the connection has several paths: {named}; say which as ?path=NUMBER", "path"
    )


def _check_bindings(connector: Connector, path: Path) -> None:
    missing = sorted({*connector.manifest.runtime_requirements.bindings} - offered(path).keys())
    if missing:
        advice = "; give its source a root" if "filesystem" in missing else ""
        message = f"connector {connector.key!r} needs {', '.join(missing)}, which its path does not offer"
        raise RequestRefused("binding_missing", message + advice)
