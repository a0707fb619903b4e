"""What keeping the read model true costs: made anew, folded after a change, and a refresh that takes away."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import reading
from figures import Figure, by_turns, seconds
from host.houses import House, a_house, done, manifest, record, stream
from host.processes import served
from ingest import STATE, TEXT

from pdpp_host.domain.entities import Run
from pdpp_host.readmodel.rebuilding import rebuild

CONNECTIONS, EACH, REFRESHED = 1000, 100, 10_000
_COUNT = """
SELECT connection_id, stream, count(*), sum(length(data)) FROM records WHERE NOT deleted GROUP BY 1, 2
"""


def rebuilding() -> Iterator[Figure]:
    """All summaries made anew, and a list that finds every row behind its connection."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "host.db"
        with served(f"sqlite:///{file}") as host, host.client() as client, a_house(Path(folder)) as house:
            reading.grow(client, CONNECTIONS, EACH)
            mine, bound = by_turns(lambda: seconds(lambda: _rebuilt(house)), lambda: _counted(file))
            yield Figure(
                "rebuild of 1000 connections, SQLite", "s", mine, None, bound, "count of all records"
            )

            def behind() -> float:
                _changed(house)
                return seconds(lambda: reading.read(client, CONNECTIONS))

            dirty, steady = by_turns(behind, lambda: seconds(lambda: reading.read(client, CONNECTIONS)))
    yield Figure("list of 1000 connections that all changed", "s", dirty, None, steady, "nothing changed")


def _rebuilt(house: House) -> None:
    found = list(rebuild(house.host.services))
    assert not found, found


def _counted(file: Path) -> float:
    database = sqlite3.connect(file)
    try:
        return seconds(lambda: _told(database))
    finally:
        database.close()


def _told(database: sqlite3.Connection) -> None:
    found = database.execute(_COUNT).fetchall()
    assert len(found) == CONNECTIONS, len(found)


def _changed(house: House) -> None:
    with house.host.services.storage.write() as unit:
        for connection in unit.connections():
            unit.mark_dirty(connection.connection_id)
        unit.commit()


def refreshing() -> Iterator[Figure]:
    """A full refresh that meets none of ten thousand records and takes them away, beside a bare update."""
    taken, bare = by_turns(_refreshed, _emptied)
    yield Figure("10 000 records that a full refresh takes away", "s", taken, None, bare, "bare UPDATE")


def _refreshed() -> float:
    with tempfile.TemporaryDirectory() as folder, a_house(Path(folder)) as house:
        current = Path(folder) / "current"
        command = f"hear(); sys.stdout.buffer.write(open({str(current)!r}, 'rb').read()); sys.stdout.flush()"
        declared = manifest(stream(coverage_authority="full_refresh"))
        connection = house.connect(house.program(command), declared)
        ended: list[Run] = []
        said = [record(f"k{n:08}", text=TEXT, n=n) for n in range(REFRESHED)]
        for lines in ([*said, STATE, done(REFRESHED)], [STATE, done(0)]):
            current.write_text("".join(json.dumps(line) + "\n" for line in lines))
            took = seconds(lambda: ended.append(house.run(connection, coverage={"notes": "full_refresh"})))
        assert ended[-1].records.deleted == REFRESHED, ended
        return took


def _emptied() -> float:
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "bare.db", isolation_level=None)
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        database.execute("CREATE TABLE records (key TEXT PRIMARY KEY, data TEXT)")
        keys = [(f"k{n:08}",) for n in range(REFRESHED)]
        database.executemany("INSERT INTO records VALUES (?, 'a text')", keys)

        def empty() -> None:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("UPDATE records SET data = NULL WHERE key = ?", keys)
            database.execute("COMMIT")

        took = seconds(empty)
        database.close()
        return took
