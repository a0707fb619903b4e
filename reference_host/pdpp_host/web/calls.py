"""One way in for every route: who calls, what with, and which errors go back."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdpp_host.compose import Host
from pdpp_host.domain.requests import RequestRefused, parse_object
from pdpp_host.web.errors import answer, refusal

BODY_LIMIT = 1024 * 1024
Audience = Literal["owner", "stage"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Who may call: the owner's token, and the stage's where there is a stage."""

    owner: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request, its body read whole."""

    host: Host
    path: dict[str, str]
    query: dict[str, str]
    body: bytes

    def object(self) -> dict[str, Any]:
        """The JSON object in the body; raises RequestRefused."""
        return parse_object(self.body)

    def typed(self, shape: type[Any]) -> Any:
        """The body as `shape` (a struct that forbids unknown fields); raises RequestRefused."""
        try:
            return msgspec.convert(self.object(), shape)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at `$")
            code = "unknown_field" if "unknown field" in message else "invalid_request"
            raise RequestRefused(code, message, where.strip("`.") or None) from None


Answer = Callable[[Call], Any]


def route(path: str, method: str, audience: Audience, function: Answer, status: int = 200) -> Route:
    """A route whose `function` answers on a thread of the pool, for the bearer of the audience's token."""

    async def endpoint(request: Request) -> Response:
        tokens: Tokens = request.app.state.tokens
        refused = _unwelcome(request.headers.get("authorization"), getattr(tokens, audience))
        if refused is not None:
            return refused
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                return refusal("body_too_large", f"a request body holds at most {BODY_LIMIT} bytes")
        call = Call(
            request.app.state.host, dict(request.path_params), dict(request.query_params), bytes(body)
        )
        return await run_in_threadpool(_answered, function, call, status)

    return Route(path, endpoint, methods=[method], name=f"{function.__module__}.{function.__name__}")


def _answered(function: Answer, call: Call, status: int) -> Response:
    try:
        return answer(function(call), status)
    except RequestRefused as error:
        return refusal(error.code, error.message, error.param)
    except Exception:
        _log.exception("the host could not answer")
        return refusal("internal_error", "the host could not answer; its log says why")


def _unwelcome(header: str | None, token: str | None) -> Response | None:
    scheme, _, given = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        return refusal("unauthorized", "send the header Authorization: Bearer TOKEN")
    if token is None or not hmac.compare_digest(given.encode(), token.encode()):
        return refusal("forbidden", "this token does not open this route")
    return None
