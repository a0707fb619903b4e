"""The console's two pages, on the functions behind the JSON routes and on nothing else (CS-04, CS-07)."""

from __future__ import annotations

from collections import Counter

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from pdpp_host.web.batches import list_batches
from pdpp_host.web.calls import Call
from pdpp_host.web.connections import show_diagnostics
from pdpp_host.web.console.rendering import page
from pdpp_host.web.summaries import LIST, Looked, list_connectors, look, show_connection

ROWS = 100


async def overview(request: Request) -> Response:
    """How all connections are doing; readers share a look with those of the JSON list."""
    call = _call(request, {"limit": str(ROWS)})
    key = call.host.services.flight_of(LIST, call.query)
    looked = await request.app.state.flights.share(key, lambda: look(call))
    return await run_in_threadpool(lambda: _overview(call, looked))


def _overview(call: Call, looked: Looked) -> Response:
    rows = list_connectors(call, looked)
    tones = Counter(row.rendered_verdict.tone for row in rows.data)
    return page(
        "overview",
        now=call.host.services.clock.now(),
        rows=rows.data,
        tones=tones,
        first="cursor" not in call.query,
        next_cursor=rows.next_cursor,
        signed_in=True,
    )


async def connection(request: Request) -> Response:
    """One connection in depth."""
    call = _call(request, {})
    return await run_in_threadpool(lambda: _connection(call))


def _connection(call: Call) -> Response:
    detail, behind, batches = show_connection(call), show_diagnostics(call), list_batches(call)
    return page(
        "connection",
        now=call.host.services.clock.now(),
        one=detail,
        behind=behind,
        batches=batches,
        shown={run.run_id for run in detail.runs},
        first="cursor" not in call.query,
        signed_in=True,
    )


def _call(request: Request, query: dict[str, str]) -> Call:
    """The call that a program would have made; of the query only a cursor counts."""
    state = request.app.state
    given = request.query_params.get("cursor")
    asked = query if given is None else query | {"cursor": given}
    path = {name: str(value) for name, value in request.path_params.items()}
    return Call(state.host, state.tokens.keys, state.tokens, path, asked, b"")
