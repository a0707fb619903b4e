"""One way in for every route: who calls, what with, what comes back, and which errors."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdpp_host.compose import Host
from pdpp_host.domain.grants import Grant
from pdpp_host.domain.requests import RequestRefused, parse_object
from pdpp_host.flights import Sharing
from pdpp_host.tracing import request_id
from pdpp_host.web.access import Audience, Tokens, Unwelcome
from pdpp_host.web.answering import Answer, answered
from pdpp_host.web.errors import refusal
from pdpp_host.web.keys import Keys
from pdpp_host.web.streaming import streamed

BODY_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One request, its body read whole where it is not streamed; `grant` is None where the owner calls.

    `announced` is how many bytes the caller says that a body has.
    """

    host: Host
    keys: Keys
    tokens: Tokens
    path: dict[str, str]
    query: dict[str, str]
    body: bytes
    grant: Grant | None = None
    announced: int | None = None

    def typed(self, shape: type[Any]) -> Any:
        """The body as `shape` (a struct that forbids unknown fields); raises RequestRefused."""
        try:
            return msgspec.convert(parse_object(self.body), shape)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at `$")
            code = "unknown_field" if "unknown field" in message else "invalid_request"
            raise RequestRefused(code, message, where.strip("`.") or None) from None


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of a route's query; `bounds` are those of a number, or of a text's length."""

    name: str
    kind: Literal["string", "integer"]
    about: str
    required: bool = False
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class SharedRead:
    """A read in two halves: `look` at the database, which equal calls share, and each one's own answer.

    Which calls are equal is a decision of the host's.
    """

    look: Callable[[Call], Any]
    answer: Callable[[Call, Any], Any]

    async def answered(self, call: Call, flights: Sharing, key: Hashable) -> Response:
        """The response to a call that shares."""
        try:
            looked = await flights.share(key, lambda: self.look(call))
        except Exception as error:
            failed = error
            return await run_in_threadpool(answered, lambda: _raise(failed))
        return await run_in_threadpool(answered, lambda: Answer(self.answer(call, looked), 200))


def _raise(error: Exception) -> Answer:
    raise error


@dataclass(frozen=True, slots=True)
class Operation:
    """A route: what it wants and what it gives, for the application and for its description alike."""

    path: str
    method: str
    audience: Audience
    function: Callable[[Call], Any]
    gives: Any
    status: int = 200
    wants: type[Any] | None = None
    query: tuple[Query, ...] = ()
    refuses: tuple[str, ...] = ()
    streamed: bool = False
    """The function gives a Sink for the body, which may be long; nothing of it is read before that."""
    also: tuple[int, ...] = ()
    """Other statuses with which it succeeds."""
    shared: SharedRead | None = None
    """How equal calls share one look at the database; the function then answers those that do not."""

    @property
    def refusals(self) -> tuple[str, ...]:
        """Every error code that the route answers with."""
        who = () if self.audience == "anyone" else ("unauthorized", "forbidden")
        body = _BODY_REFUSALS if self.wants is not None else ()
        return (*who, *body, *self.refuses, "internal_error", "storage_failed")

    def route(self) -> Route:
        """The route; its function answers on a thread of the pool."""

        async def endpoint(request: Request) -> Response:
            tokens: Tokens = request.app.state.tokens
            host: Host = request.app.state.host
            now = host.services.clock.now()
            try:
                header = request.headers.get("authorization")
                grant = await run_in_threadpool(tokens.admit, self.audience, header, now)
            except Unwelcome as error:
                return refusal(error.code, error.message)
            body = b"" if self.wants is None else await whole(request)
            if body is None:
                return refusal("body_too_large", f"a request body holds at most {BODY_LIMIT} bytes")
            path, query = dict(request.path_params), dict(request.query_params)
            call = Call(host, tokens.keys, tokens, path, query, body, grant, _announced(request))
            request_id.set(request.headers.get("x-request-id"))
            key = None if self.shared is None else host.services.flight_of(self.path, query)
            if self.shared is not None and key is not None:
                return await self.shared.answered(call, request.app.state.flights, key)
            if self.streamed:
                patience_s = host.services.silence_limit_s
                return await streamed(lambda: self.function(call), request.stream(), patience_s)
            return await run_in_threadpool(answered, lambda: Answer(self.function(call), self.status))

        return Route(self.path, endpoint, methods=[self.method], name=self.function.__name__)


_BODY_REFUSALS = ("invalid_json", "duplicate_key", "invalid_request", "unknown_field", "body_too_large")


async def whole(request: Request) -> bytes | None:
    """The body of a request, None where it is over the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return None
    return bytes(body)


def _announced(request: Request) -> int | None:
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
