"""Records through the whole runtime, from the child's pipe to the committed row, beside a bare write."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from figures import Figure, Found, NotRun, by_turns, seconds
from host.houses import House, a_house, done, installed, record

from pdpp_host.compose import provide_databases
from pdpp_host.ports import Databases, StorageMissing

RECORDS, BATCH = 50_000, 1000
TEXT = "a sentence of the length that a short message has, and a little more of it to be fair"
STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}


def script(home: Path, records: int, prefix: str = "k") -> Path:
    """What a connector says that emits so many records and succeeds."""
    file = home / f"said-{prefix}-{records}"
    lines = (record(f"{prefix}{n:08}", text=TEXT, n=n) for n in range(records))
    with file.open("w") as out:
        out.writelines(json.dumps(line) + "\n" for line in (*lines, STATE, done(records)))
    return file


def connected(house: House, said: Path) -> str:
    """A new connection whose connector says just this, as fast as it is read."""
    says = f"hear(); import shutil; shutil.copyfileobj(open({str(said)!r}, 'rb'), sys.stdout.buffer, 1 << 18)"
    return house.connect(house.program(f"{says}; sys.stdout.flush(); sys.exit(0)"))


def ran(house: House, connection: str, records: int) -> float:
    """The seconds of one run, which has to have stored everything."""
    took = seconds(lambda: _succeeded(house, connection))
    with house.host.services.storage.read() as view:
        _, batch = view.batches(connection)[-1]
    assert batch.counts.accepted == records, batch
    return took


def _succeeded(house: House, connection: str) -> None:
    run = house.run(connection)
    assert run.status == "completed", run


def rows() -> list[tuple[str, str]]:
    """The same records as keys and JSON."""
    made = (record(f"k{n:08}", text=TEXT, n=n) for n in range(RECORDS))
    return [(each["key"], json.dumps(each["data"])) for each in made]


def through_sqlite(said: Path) -> float:
    """The seconds of one run that says all records, on a new SQLite file."""
    with tempfile.TemporaryDirectory() as own, a_house(Path(own)) as house:
        return ran(house, connected(house, said), RECORDS)


def through_postgres(said: Path, databases: Databases) -> float:
    """The same on a new database of a PostgreSQL server."""
    url = databases.fresh()
    with tempfile.TemporaryDirectory() as own, a_house(Path(own), url=url) as house:
        took = ran(house, connected(house, said), RECORDS)
    databases.drop(url)
    return took


@contextmanager
def postgres(home: Path) -> Iterator[Databases]:
    """Databases on a PostgreSQL server; StorageMissing where there is none."""
    databases = provide_databases(installed(), "postgres", home)
    try:
        yield databases
    finally:
        databases.close()


def on_sqlite() -> Iterator[Figure]:
    """Beside `executemany` into one plain table, a commit each thousand, as durable as ours."""
    bare = rows()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        said = script(home, RECORDS)

        def floor() -> float:
            with tempfile.TemporaryDirectory() as own:
                database = sqlite3.connect(Path(own) / "bare.db", isolation_level=None)
                database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
                database.execute("CREATE TABLE records (key TEXT PRIMARY KEY, data TEXT NOT NULL)")

                def write() -> None:
                    for first in range(0, RECORDS, BATCH):
                        database.execute("BEGIN IMMEDIATE")
                        database.executemany("INSERT INTO records VALUES (?, ?)", bare[first : first + BATCH])
                        database.execute("COMMIT")

                took = seconds(write)
                database.close()
                return took

        mine, bound = by_turns(lambda: through_sqlite(said), floor)
    yield Figure("50 000 records through the runtime, SQLite", "s", mine, 5, bound, "executemany")


def on_postgres() -> Iterator[Found]:
    """Beside COPY into one plain table, a commit each thousand."""
    about = "50 000 records through the runtime, PostgreSQL"
    bare = rows()
    try:
        with tempfile.TemporaryDirectory() as folder, postgres(Path(folder)) as databases:
            said = script(Path(folder), RECORDS)
            mine, bound = by_turns(
                lambda: through_postgres(said, databases), lambda: _copied(databases, bare)
            )
    except StorageMissing as missing:
        yield NotRun(about, str(missing))
        return
    yield Figure(about, "s", mine, 7, bound, "COPY")


def _copied(databases: Databases, bare: list[tuple[str, str]]) -> float:
    import psycopg

    url = databases.fresh()
    with psycopg.connect(url, autocommit=False) as connection:
        connection.execute("CREATE TABLE bare (key TEXT PRIMARY KEY, data TEXT NOT NULL)")
        connection.commit()

        def write() -> None:
            for first in range(0, RECORDS, BATCH):
                with connection.cursor().copy("COPY bare FROM STDIN") as copy:
                    for row in bare[first : first + BATCH]:
                        copy.write_row(row)
                connection.commit()

        took = seconds(write)
    databases.drop(url)
    return took


def beside_what_is_there() -> Iterator[Figure]:
    """A thousand new records where a hundred thousand are, beside a thousand where there are few."""
    with tempfile.TemporaryDirectory() as folder, a_house(Path(folder)) as house:
        current, rounds = Path(folder) / "current", count()
        # Both connections are of one connector, which says what `current` holds.
        command = f"hear(); sys.stdout.buffer.write(open({str(current)!r}, 'rb').read()); sys.stdout.flush()"
        full, few = (house.connect(house.program(command)) for _ in range(2))

        def more(connection: str, records: int = BATCH) -> float:
            script(Path(folder), records, f"round{next(rounds)}").rename(current)
            return ran(house, connection, records)

        more(full, 100_000)
        there, fresh = by_turns(lambda: more(full), lambda: more(few))
    yield Figure("1000 records into 100 000, SQLite", "s", there, None, fresh, "into a few thousand")
