"""The console's routes: who may see a page, what a failure looks like, signing in and out."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import StorageError
from pdpp_host.tracing import request_id
from pdpp_host.web.calls import whole
from pdpp_host.web.console.pages import connection, overview
from pdpp_host.web.console.rendering import HEADERS, page, problem, redirect, style
from pdpp_host.web.console.sessions import COOKIE, Refused, admitted, own_page, signed_in, signed_out
from pdpp_host.web.errors import STATUS

_log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]

TITLES: Final = {
    400: "That cannot be shown",
    403: "Not for you",
    404: "Not found",
    405: "Not possible here",
    413: "Too much at once",
    500: "The host is at fault",
    503: "The storage does not answer",
}


def _owners(function: Endpoint, is_home: bool) -> Endpoint:
    """The endpoint of a page that only the owner sees, and on which every failure is a page too."""

    async def endpoint(request: Request) -> Response:
        state = request.app.state
        now = state.host.services.clock.now()
        try:
            welcome = await run_in_threadpool(admitted, request, state.tokens, now)
        except Refused as error:
            return problem(403, TITLES[403], str(error))
        if not welcome:
            return sign_in_page(ended=COOKIE in request.cookies) if is_home else redirect("/")
        request_id.set(request.headers.get("x-request-id"))
        return await _shown(function, request)

    return endpoint


async def _shown(function: Endpoint, request: Request) -> Response:
    try:
        return await function(request)
    except RequestRefused as error:
        status = STATUS[error.code]
        return problem(status, TITLES[status], error.message, signed_in=True)
    except StorageError as error:
        _log.error("storage failed: %s", error)
        return problem(503, TITLES[503], "The host's log says why. Try again in a while.", signed_in=True)
    except Exception:
        _log.exception("the console could not answer")
        return problem(500, TITLES[500], "The host could not answer; its log says why.", signed_in=True)


def sign_in_page(status: int = 200, wrong: bool = False, ended: bool = False) -> Response:
    """The form that asks for the owner's token."""
    return page("sign_in", status, wrong=wrong, ended=ended, signed_in=False)


async def sign_in(request: Request) -> Response:
    """Give a browser a session for the owner's token."""
    if not own_page(request):
        return problem(403, TITLES[403], "Sign in with the form on this host's own page.")
    body = await whole(request)
    if body is None:
        return problem(413, TITLES[413], "A token is shorter than that.")
    tokens, now = request.app.state.tokens, request.app.state.host.services.clock.now()
    if not tokens.is_owner(_token(body)):
        return sign_in_page(403, wrong=True)
    return await run_in_threadpool(signed_in, redirect("/"), request, tokens.keys, now)


def _token(body: bytes) -> str:
    """What the form's one field holds."""
    try:
        return parse_qs(body.decode("ascii")).get("token", [""])[0]
    except ValueError:
        return ""


async def sign_out(request: Request) -> Response:
    """Take a browser's session away."""
    if not own_page(request):
        return problem(403, TITLES[403], "Sign out with the button on this host's own page.")
    return signed_out(redirect("/"), request)


async def style_sheet(request: Request) -> Response:
    """The console's one style sheet."""
    return Response(style(), headers=HEADERS, media_type="text/css")


def no_page(status: int) -> Response:
    """The answer to a path below the console's that is none of it."""
    return problem(status, TITLES[status], "There is no such page.")


def of_console(path: str) -> bool:
    """Whether a path is the console's, so that a person reads what goes wrong with it."""
    return path in ("/", "/console") or path.startswith("/console/")


ROUTES = (
    Route("/", _owners(overview, True), methods=["GET"], name="console"),
    Route("/console/connections/{connection_id}", _owners(connection, False), methods=["GET"]),
    Route("/console/session", sign_in, methods=["POST"]),
    Route("/console/session/end", sign_out, methods=["POST"]),
    Route("/console/style.css", style_sheet, methods=["GET"]),
)
