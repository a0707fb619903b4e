"""The host's web application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pdpp_host.compose import Host
from pdpp_host.web import (
    batches,
    connections,
    grants,
    imports,
    owner,
    reads,
    rules,
    scenes,
    search,
    stage,
    summaries,
)
from pdpp_host.web.access import Tokens
from pdpp_host.web.calls import Operation
from pdpp_host.web.console.routes import ROUTES, no_page, of_console
from pdpp_host.web.description import describing
from pdpp_host.web.errors import refusal


def operations(staged: bool) -> tuple[Operation, ...]:
    """Every route of a host, the stage's where it has one."""
    rooms = (
        owner,
        connections,
        summaries,
        batches,
        imports,
        rules,
        grants,
        reads,
        search,
        *((stage, scenes) if staged else ()),
    )
    served = tuple(each for room in rooms for each in room.OPERATIONS)
    return (*served, describing(served))


def application(host: Host, tokens: Tokens) -> Starlette:
    """The ASGI application of a host; the stage's routes exist only where it has a token."""
    app = Starlette(
        routes=[*(each.route() for each in operations(tokens.stage is not None)), *ROUTES],
        exception_handlers={404: _no_route, 405: _no_route},
    )
    app.state.host = host
    app.state.tokens = tokens
    app.state.flights = host.services.flights()
    return app


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if of_console(request.url.path):
        return no_page(error.status_code)
    code = "not_found" if error.status_code == 404 else "method_not_allowed"
    return refusal(code, f"no route {request.method} {request.url.path}", headers=error.headers)
