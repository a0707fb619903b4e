"""The read faces of a host: everything that an owner or a reader can see of a connection's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

_MOST = 50


class Asked(Protocol):
    """One quiet call; (status, decoded body)."""

    def __call__(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """Ask."""


def faces(
    ask: Asked, streams: Iterable[str], texts: Iterable[str], connection: dict[str, str]
) -> dict[str, Any]:
    """List (by stream), look-up by id, search and counts; `connection` is the selector, or nothing."""
    rows = {
        each: pages(ask, f"/v1/streams/{each}/records", connection | {"limit": "1000"}) for each in streams
    }
    return {
        "list": rows,
        "single": {
            f"{stream}/{name}": _one(ask, f"/v1/streams/{stream}/records/{name}")
            for stream, listed in rows.items()
            for name in record_ids(listed)
        },
        "search": {text: pages(ask, "/v1/search", connection | {"q": text}) for text in texts},
        "streams": pages(ask, "/v1/streams", connection),
    }


def borne(
    ask: Asked, owner: Asked, streams: Sequence[str], texts: Sequence[str], ungranted: tuple[str, str]
) -> dict[str, Any]:
    """All that the bearer of a grant sees without a selector, and of what is not granted.

    `ungranted` are a connection and a stream. What is asked of them is asked of nobody too: nothing may tell
    the two apart.
    """
    path, nobodys = f"/v1/streams/{streams[0]}/records", "0" * 32
    theirs = record_ids(pages(owner, path, {"connection_id": ungranted[0]}))
    asked = {}
    for name, connection, record, stream in (
        ("other", ungranted[0], (theirs or [nobodys])[0], ungranted[1]),
        ("nobody", f"conn_{nobodys}", nobodys, "nothing"),
    ):
        chosen = {"connection_id": connection}
        asked[name] = faces(ask, streams, texts, chosen) | {
            "asked": [connection, record, stream],
            "stream": pages(ask, f"/v1/streams/{stream}/records", {}),
            "record": ask(f"{path}/{record}", {}),
            "chosen record": ask(f"{path}/{record}", chosen),
        }
    alone = {"asked_for": asked, "pages": pages(ask, path, {"limit": "1"}), "cursors": cursors(ask, path)}
    return faces(ask, streams, texts, {}) | alone


def owned(ask: Asked, connection_id: str) -> dict[str, Any]:
    """What an owner sees behind a connection."""
    root = f"/_ref/connections/{connection_id}"
    return {
        "detail": _one(ask, root),
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


def record_ids(listed: Iterable[Any]) -> list[str]:
    """The names under which the rows of a list can be looked up."""
    return [str(row["record_id"]) for row in listed if isinstance(row, dict) and "record_id" in row]


def cursors(ask: Asked, path: str) -> list[str]:
    """The cursors that a list gives, page by page of one row."""
    found: list[str] = []
    query = {"limit": "1"}
    while len(found) < _MOST:
        page = ask(path, query)[1]
        cursor = page.get("next_cursor") if isinstance(page, dict) else None
        if not isinstance(cursor, str):
            break
        found.append(cursor)
        query = {"limit": "1", "cursor": cursor}
    return found


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


def numbers_in(value: Any) -> Iterator[float]:
    """Every number in a JSON value."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers_in(part)


def _one(ask: Asked, path: str) -> dict[str, Any]:
    status, body = ask(path, {})
    return {"status": status, "body": body}
