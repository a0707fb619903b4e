"""The host's web application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pdpp_host import __version__
from pdpp_host.compose import Host
from pdpp_host.web import owner, reads, stage
from pdpp_host.web.calls import Tokens
from pdpp_host.web.errors import answer, refusal


def application(host: Host, tokens: Tokens) -> Starlette:
    """The ASGI application of a host; the stage's routes exist only where it has a token."""
    staged = stage.ROUTES if tokens.stage is not None else []
    app = Starlette(
        routes=[*owner.ROUTES, *reads.ROUTES, *staged],
        exception_handlers={404: _not_found, 405: _not_found},
    )
    app.add_route("/openapi.json", _description, methods=["GET"])
    app.state.host = host
    app.state.tokens = tokens
    return app


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "not_found" if error.status_code == 404 else "method_not_allowed"
    return refusal(code, f"no route {request.method} {request.url.path}")


async def _description(request: Request) -> Response:
    storage = request.app.state.host.services.storage
    info = {
        "title": "pdpp-host",
        "version": __version__,
        "x-storage": {"name": storage.name, "version": storage.version},
    }
    return answer({"openapi": "3.1.0", "info": info, "paths": {}})
