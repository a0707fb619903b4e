"""The owner's list of all connections, over HTTP, beside one bare scan of what it tells and its JSON."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from figures import Figure, by_turns, seconds
from host.houses import manifest
from host.processes import OWNER, STAGE, served

SIZES = (10, 100, 1000, 10_000)
READS = 10
GOAL_AT = 1000
_SCAN = """
SELECT e.connection_id, e.fold, r.stream, r.records, r.bytes
FROM evidence e LEFT JOIN retained r ON r.connection_id = e.connection_id ORDER BY e.connection_id
"""


def lists() -> Iterator[Figure]:
    """At each size, a hundred records a connection up to a thousand of them, ten from there on."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "host.db"
        with served(f"sqlite:///{file}") as host, host.client() as client:
            there = 0
            for size in SIZES:
                grow(client, size - there, 100 if size <= GOAL_AT else 10)
                there = size
                read(client, size)
                mine, bound = by_turns(
                    partial(_times, read, client, size), partial(_times, _bare, file, size)
                )
                goal = 4 if size == GOAL_AT else None
                yield Figure(
                    f"list of {size} connections, HTTP, SQLite", "s", mine, goal, bound, "scan and JSON"
                )


def _times(what: Callable[..., None], *given: object) -> float:
    def often() -> None:
        for _ in range(READS):
            what(*given)

    return seconds(often) / READS


def grow(client: httpx.Client, more: int, records: int) -> None:
    """So many more connections of one connector, each with so many records and a success."""
    headers = {"Authorization": f"Bearer {OWNER}"}
    declared = {"manifest": manifest(), "command": ["true"]}
    client.post("/_ref/connectors", json=declared, headers=headers).raise_for_status()
    headers = {"Authorization": f"Bearer {STAGE}"}
    while more > 0:
        body = {"connector_key": "notes", "stream": "notes", "records": records, "count": min(more, 300)}
        client.post("/_stage/connections", json=body, headers=headers).raise_for_status()
        more -= 300


def read(client: httpx.Client, size: int) -> None:
    """Read the full list, which has to have this many rows."""
    answer = client.get("/_ref/connectors", headers={"Authorization": f"Bearer {OWNER}"}).raise_for_status()
    assert len(answer.json()["data"]) == size, len(answer.json()["data"])


def _bare(file: Path, size: int) -> None:
    database = sqlite3.connect(file)
    told: dict[str, Any] = {}
    for connection_id, fold, stream, records, size_ in database.execute(_SCAN):
        row = told.setdefault(connection_id, {"evidence": json.loads(fold or "null"), "retained": {}})
        row["retained"][stream] = (records, size_)
    database.close()
    assert len(json.loads(json.dumps(told))) == size
