"""Our host with one answer spoilt on its way out, as `PDPP_TRAP` says: what a lazy host gets away with."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pdpp_plugins.subjects import reference_host
from pdpp_tck.hookspecs import hookimpl

Answer = dict[str, Any]
LIST = "/_ref/connectors"
REFUSED = {"error": {"type": "invalid_request", "code": "refused", "message": "no"}}


class Spoilt:
    """One application and what it once answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._first = app, dict[str, Answer]()
        self._spoil: Callable[[str, str, int, Answer], tuple[int, Answer]] = getattr(
            self, os.environ["PDPP_TRAP"]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, spoilt."""
        said: list[Message] = []

        async def keep(message: Message) -> None:
            said.append(message)

        await self._app(scope, receive, keep)
        start, body = said[0], b"".join(each.get("body", b"") for each in said[1:])
        if scope["path"].startswith(("/_", "/v1/")) and body:
            status, answer = self._spoil(scope["method"], scope["path"], start["status"], json.loads(body))
            body = json.dumps(answer).encode()
            headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
            start = {**start, "status": status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def canned_list(self, method: str, path: str, status: int, answer: Answer) -> tuple[int, Answer]:
        """The list is what it was when it first held anything."""
        if (method, path) == ("GET", LIST) and answer.get("data"):
            return status, self._first.setdefault(path, answer)
        return status, answer

    def empty_list(self, method: str, path: str, status: int, answer: Answer) -> tuple[int, Answer]:
        """The list is empty."""
        return status, answer | {"data": []} if (method, path) == ("GET", LIST) else answer

    def deaf_search(self, method: str, path: str, status: int, answer: Answer) -> tuple[int, Answer]:
        """A search finds nothing."""
        return status, answer | {"data": []} if path == "/v1/search" else answer

    def refusals(self, method: str, path: str, status: int, answer: Answer) -> tuple[int, Answer]:
        """Each request for a run is refused by the right status."""
        return (400, REFUSED) if (method, path.rpartition("/")[2]) == ("POST", "run") else (status, answer)

    def loose_trace(self, method: str, path: str, status: int, answer: Answer) -> tuple[int, Answer]:
        """The trace counts nothing."""
        return status, _nothing(answer) if path == "/_stage/trace" else answer

    def broken_stage(self, method: str, path: str, status: int, answer: Answer) -> tuple[int, Answer]:
        """Nothing can be staged."""
        return (500, REFUSED) if path.startswith("/_stage/") else (status, answer)


def _nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _nothing(each) for name, each in value.items()}
    if isinstance(value, list):
        return []
    return 0 if isinstance(value, int | float) and not isinstance(value, bool) else value


_right = reference_host.application


def _spoilt(*given: Any) -> ASGIApp:
    return Spoilt(_right(*given))


reference_host.application = _spoilt  # type: ignore[assignment]


@hookimpl
def report_parts() -> tuple[()]:
    """Nothing: a plugin has a hook."""
    return ()
