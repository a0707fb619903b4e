"""Sessions of the console: what a browser holds instead of the owner's token."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from pdpp_host.web.access import Tokens, Unwelcome
from pdpp_host.web.keys import Keys

COOKIE = "pdpp_console"
LASTS = timedelta(hours=12)
_PURPOSE = "console session"


class Refused(Exception):
    """A caller who sent an Authorization header that does not open the console."""


def admitted(request: Request, tokens: Tokens, now: datetime) -> bool:
    """Whether the owner asks: by a session that lives, or by the bearer header.

    Raises Refused where the header is there and wrong.
    """
    text = request.cookies.get(COOKIE)
    if text is not None and lives(tokens.keys, text, now):
        return True
    header = request.headers.get("authorization")
    if header is None:
        return False
    try:
        tokens.admit("owner", header, now)
    except Unwelcome as error:
        raise Refused(error.message) from None
    return True


def lives(keys: Keys, text: str, now: datetime) -> bool:
    """Whether this is a session that the host gave out and that has not ended.

    Nothing of it is stored: it says until when it lives and is signed under the owner's token, so
    another token ends every session.
    """
    ends = keys.opened(_PURPOSE, text)
    return ends is not None and now < datetime.fromisoformat(ends.decode())


def signed_in(response: Response, request: Request, keys: Keys, now: datetime) -> Response:
    """The response, with a session for the browser to keep until it is closed."""
    text = keys.sealed(_PURPOSE, (now + LASTS).isoformat().encode())
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, text, path="/", httponly=True, samesite="strict", secure=secure)
    return response


def signed_out(response: Response, request: Request) -> Response:
    """The response, which takes a session away where there is one.

    A form on a stranger's page sends no cookie, so it cannot sign the owner out.
    """
    if COOKIE in request.cookies:
        secure = request.url.scheme == "https"
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=secure)
    return response


def own_page(request: Request) -> bool:
    """Whether a form was sent by a page of this host: browsers name its origin, and cannot be made to lie."""
    _, _, sender = request.headers.get("origin", "").partition("://")
    return bool(sender) and sender == request.headers.get("host")
