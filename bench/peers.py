"""Singer targets fed the very records that go through our runtime, each in a venv of its own.

A target is a process that reads a stream on stdin. What counts of it is the time from its start to its end,
less that of a start with a stream that has no records: interpreter, imports and the table are not its rate.
Of ours the connector's start is in the figure, and so are its history, evidence and cursor.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ingest
from figures import Figure, Found, NotRun, by_turns, seconds
from venvs import NoPeer, venv

from pdpp_host.ports import Databases, StorageMissing

GOAL = 1 / 5
_TIMES = 3
_TARGET = Path(__file__).parent / "singer" / "target_sqlite.py"
_SCHEMA = {
    "type": "SCHEMA",
    "stream": "notes",
    "key_properties": ["id"],
    "schema": {
        "type": "object",
        "properties": {"id": {"type": "string"}, "text": {"type": "string"}, "n": {"type": "integer"}},
        "required": ["id"],
    },
}

Target = tuple[str, ...]


def on_sqlite() -> Iterator[Found]:
    """Beside the smallest target that singer-sdk allows."""
    about, package = "50 000 records, SQLite, beside a Singer target", "singer-sdk"
    try:
        target = (str(venv(package) / "python"), str(_TARGET))
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            said = ingest.script(home, ingest.RECORDS)
            yield _figure(
                about, package, home, lambda: ingest.through_sqlite(said), lambda it: _sqlite(target, it)
            )
    except NoPeer as why:
        yield NotRun(about, str(why))


def on_postgres() -> Iterator[Found]:
    """Beside the target of that name for PostgreSQL, told to use COPY, which is its faster way."""
    about, package = "50 000 records, PostgreSQL, beside a Singer target", "meltanolabs-target-postgres"
    try:
        target = (str(venv(package) / "target-postgres"),)
        with tempfile.TemporaryDirectory() as folder, ingest.postgres(Path(folder)) as databases:
            home = Path(folder)
            said = ingest.script(home, ingest.RECORDS)
            yield _figure(
                about,
                package,
                home,
                lambda: ingest.through_postgres(said, databases),
                lambda it: _postgres(target, it, databases),
            )
    except (NoPeer, StorageMissing) as why:
        yield NotRun(about, str(why))


def _figure(
    about: str, package: str, home: Path, ours: Callable[[], float], theirs: Callable[[Path], float]
) -> Figure:
    full, empty = _stream(home, ingest.RECORDS), _stream(home, 0)
    mine, whole, start = by_turns(ours, lambda: theirs(full), lambda: theirs(empty), times=_TIMES)
    told = f"{package}, which took {whole:.1f} s, less the {start:.1f} s of a start with no records"
    return Figure(about, "s", mine, GOAL, whole - start, told, peer=True)


def _stream(home: Path, records: int) -> Path:
    """The records of `ingest.script` as a Singer tap would say them; its name ends with how many they are."""
    file = home / f"singer-{records}"
    with ingest.script(home, records).open() as said, file.open("w") as out:
        out.write(json.dumps(_SCHEMA) + "\n")
        out.writelines(json.dumps(line) + "\n" for line in map(_singer, said) if line)
    return file


def _singer(line: str) -> dict[str, Any] | None:
    message = json.loads(line)
    if message["type"] == "STATE":
        return {"type": "STATE", "value": {"bookmarks": {message["stream"]: message["cursor"]}}}
    if message["type"] != "RECORD":
        return None
    kept = {"stream": message["stream"], "record": message["data"], "time_extracted": message["emitted_at"]}
    return {"type": "RECORD"} | kept


def _sqlite(target: Target, stream: Path) -> float:
    with tempfile.TemporaryDirectory() as own:
        file = Path(own) / "theirs.db"
        took = fed(target, {"path": str(file)}, stream, Path(own))
        database = sqlite3.connect(file)
        [[rows]] = database.execute("SELECT count(*) FROM notes")
        database.close()
    _all_there(rows, stream)
    return took


def _postgres(target: Target, stream: Path, databases: Databases) -> float:
    import psycopg

    url = databases.fresh()
    config = {"sqlalchemy_url": url.replace("postgresql:", "postgresql+psycopg:", 1), "use_copy": True}
    with tempfile.TemporaryDirectory() as own:
        took = fed(target, config, stream, Path(own))
    with psycopg.connect(url) as connection:
        [rows] = connection.execute("SELECT count(*) FROM melty.notes").fetchone() or (0,)
    databases.drop(url)
    _all_there(rows, stream)
    return took


def fed(target: Target, config: dict[str, Any], stream: Path, home: Path) -> float:
    """The seconds from a target's start to its end; NoPeer where it fails or hands back no state."""
    file = home / "config.json"
    file.write_text(json.dumps(config))
    ended: list[subprocess.CompletedProcess[str]] = []
    with stream.open() as said:
        command = [*target, "--config", str(file)]
        took = seconds(
            lambda: ended.append(subprocess.run(command, stdin=said, capture_output=True, text=True))
        )
    [end] = ended
    if end.returncode or '"bookmarks"' not in end.stdout:
        last = (end.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NoPeer(f"{target[-1]} ended {end.returncode}: {last}")
    return took


def _all_there(rows: int, stream: Path) -> None:
    wanted = int(stream.name.rpartition("-")[2])
    if rows != wanted:
        raise NoPeer(f"it stored {rows} rows of {wanted}")
