"""The stage: the back door by which a conformance kit sets a scene, under a token of its own."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from starlette.routing import Route

from pdpp_host.domain.requests import RequestRefused
from pdpp_host.web.calls import Call, route


class StateBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/state`: cursors to commit for a path, as if a run had."""

    connection_id: str
    state: dict[str, dict[str, Any]]
    path: int = 0


def operations(call: Call) -> dict[str, Any]:
    """Which operations this stage has."""
    return {"operations": ["state"]}


def put_state(call: Call) -> dict[str, Any]:
    """Commit cursors for a path of a connection."""
    body: StateBody = call.typed(StateBody)
    services = call.host.services
    with services.storage.write() as unit:
        if body.path not in {path.ordinal for path in unit.paths(body.connection_id)}:
            raise RequestRefused("not_found", f"no path {body.path} of connection {body.connection_id!r}")
        unit.put_stream_state(body.connection_id, body.path, body.state, None, services.clock.now())
        unit.commit()
    return {"connection_id": body.connection_id, "path": body.path, "streams": sorted(body.state)}


ROUTES: list[Route] = [
    route("/_stage", "GET", "stage", operations),
    route("/_stage/state", "POST", "stage", put_state),
]
