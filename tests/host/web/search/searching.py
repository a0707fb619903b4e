"""Records to search, and what a search of them shows."""

from __future__ import annotations

from typing import Any

import msgspec

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain import entities
from pdpp_host.domain.records import record_id

from ...houses import AT, House
from ..callers import Answer, Caller

SOON = "2999-01-01T00:00:00Z"

SHAPES = {
    "id": {"type": "string"},
    "text": {"type": ["string", "null"]},
    "tags": {"type": "array", "items": {"type": "string"}},
    "mail": {"type": "string", "format": "email"},
    "n": {"type": "integer"},
    "deep": {"type": "object"},
}

SCHEMA = {"type": "object", "properties": SHAPES, "required": ["id"]}


def put(house: House, connection: str, name: str, path: int = 0, /, **records: Any) -> None:
    """Write records by key; None deletes."""
    writes = tuple(
        entities.RecordWrite(
            record_id(connection, path, name, key),
            key,
            None if data is None else msgspec.json.encode({"id": key} | data).decode(),
            "2026-05-01T10:00:00Z",
        )
        for key, data in records.items()
    )
    with house.host.services.storage.write() as unit:
        unit.write_records(RecordBatch(connection, path, name, "batch", AT, writes))
        unit.commit()


def pages(caller: Caller, **query: Any) -> list[Answer]:
    """Every page of a search."""
    found = [caller.get("/v1/search", **query)]
    while found[-1].body["has_more"]:
        found.append(caller.get("/v1/search", **query, cursor=found[-1].body["next_cursor"]))
    assert found[-1].body["next_cursor"] is None
    return found


def rows(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    """Every row of a search."""
    return [row for page in pages(caller, **query) for row in page.body["data"]]


def keys(caller: Caller, **query: Any) -> list[str]:
    """The keys of a search's rows, sorted."""
    return sorted(row["key"] for row in rows(caller, **query))


def grant(owner: Caller, *connections: str, **more: Any) -> Caller:
    """A reader with a grant."""
    body = {"connections": list(connections), "streams": ["notes"], "expires_at": SOON} | more
    return owner.bearing(owner.post("/_ref/grants", body).body["token"])
