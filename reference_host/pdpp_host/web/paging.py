"""Pages: how many rows, and after which one; a cursor tells nobody anything and serves one list alone."""

from __future__ import annotations

from pdpp_host.domain.cursors import PAGE
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.web.calls import Call, Query

PAGE_LIMIT = 1000
PAGE_QUERY = (
    Query("limit", "integer", f"rows a page, 1 to {PAGE_LIMIT}; {PAGE} when absent", bounds=(1, PAGE_LIMIT)),
    Query("cursor", "string", "the next_cursor of the page before"),
)


def limit_of(call: Call) -> int:
    """How many rows a call asks for; RequestRefused for what is no such number."""
    text = call.query.get("limit", str(call.host.services.page_rows))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= PAGE_LIMIT):
        message = f"limit must be a number from 1 to {PAGE_LIMIT}, not {text!r}"
        raise RequestRefused("invalid_query", message, "limit")
    return int(text)


def cursor_of(call: Call, purpose: str, place: bytes) -> str:
    """The cursor by which a caller gets the page after `place`."""
    return call.host.services.cursor(call.keys.sealed, purpose, place)


def place_of(call: Call, purpose: str, text: str) -> bytes | None:
    """The place behind a cursor, None where it is no cursor of this list."""
    return call.host.services.place_at(call.keys.opened, purpose, text)


def after_of(call: Call, purpose: str) -> int:
    """The position after which a call's page begins; RequestRefused for a cursor of another list."""
    text = call.query.get("cursor")
    if text is None:
        return 0
    position = place_of(call, purpose, text)
    if position is None:
        message = "cursor must be a next_cursor of this list; leave it out to begin again"
        raise RequestRefused("invalid_query", message, "cursor")
    return int.from_bytes(position, "big")
