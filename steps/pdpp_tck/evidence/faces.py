"""The read faces of a host: everything that an owner or a reader can see of a connection's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

_MOST = 50


class Asked(Protocol):
    """One quiet call; (status, decoded body)."""

    def __call__(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """Ask."""


def faces(ask: Asked, stream: str, texts: Iterable[str], connection: dict[str, str]) -> dict[str, Any]:
    """List, look-up by id, search and counts; `connection` is the selector, or nothing."""
    rows = pages(ask, f"/v1/streams/{stream}/records", connection | {"limit": "1000"})
    named = [row["record_id"] for row in rows if isinstance(row, dict) and "record_id" in row]
    return {
        "list": rows,
        "single": {name: _one(ask, f"/v1/streams/{stream}/records/{name}") for name in named},
        "search": {text: pages(ask, "/v1/search", connection | {"q": text}) for text in texts},
        "streams": pages(ask, "/v1/streams", connection),
    }


def owned(ask: Asked, connection_id: str) -> dict[str, Any]:
    """What an owner sees behind a connection."""
    root = f"/_ref/connections/{connection_id}"
    return {
        "batches": pages(ask, f"{root}/batches", {}),
        "diagnostics": _one(ask, f"{root}/diagnostics"),
        "state": _one(ask, f"{root}/state"),
    }


def pages(ask: Asked, path: str, query: dict[str, str]) -> list[Any]:
    """The rows of a list, page by page; what is no list is a row that says so."""
    rows: list[Any] = []
    for _ in range(_MOST):
        status, page = ask(path, query)
        if status != 200 or not isinstance(page, dict) or not isinstance(page.get("data"), list):
            return [*rows, {"unreadable": [status, page]}]
        rows += page["data"]
        if not page.get("has_more") or not page.get("next_cursor"):
            return rows
        query = query | {"cursor": str(page["next_cursor"])}
    return [*rows, {"unreadable": f"more than {_MOST} pages"}]


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names of members included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)


def _one(ask: Asked, path: str) -> dict[str, Any]:
    status, body = ask(path, {})
    return {"status": status, "body": body}
