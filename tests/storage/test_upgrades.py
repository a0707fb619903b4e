"""Databases of every age, with data in them, come to the newest revision, and hosts may start at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from pdpp_host.contract.entries import (
    a_batch,
    a_connection,
    a_path,
    an_event,
    batch,
    delete,
    read,
    upsert,
    write,
)
from pdpp_host.domain.entities import Counts
from pdpp_plugins.storage import migrations
from pdpp_plugins.storage.errors import ForeignDatabase, NotUpgraded, UnknownRevision
from pdpp_plugins.storage.migrations import NEWEST, downgrade, upgrade
from pdpp_plugins.storage.postgres import PostgresStorage
from pdpp_plugins.storage.sql_storage import SqlStorage
from pdpp_plugins.storage.sqlite import SqliteStorage

from .builders import execute, opened, select

REVISIONS = [
    each.revision for each in ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
]
LEFT_OUT = {("batches", "counts"), ("records", "identity")}
"""Receipts, which older revisions counted otherwise, and what revision 0005 alone had."""
EMPTY = ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


def unmigrated(url: str) -> SqlStorage:
    """A storage on an empty database that nobody has migrated yet."""
    if url.startswith("sqlite"):
        return SqliteStorage(Path(url.removeprefix("sqlite:///")))
    storage = PostgresStorage(url)
    execute(storage, *EMPTY)
    return storage


def at_revision(url: str, revision: str) -> None:
    """Make an empty database one of that revision, with a populated spine and records in it."""
    storage = unmigrated(url)
    storage.migrate()
    with storage.write() as unit:
        unit.add_path(a_path())
        unit.add_batch(a_batch())
        unit.add_connection(a_connection())
        unit.write_records(batch(upsert("1"), upsert("2")))
        unit.write_records(batch(upsert("1", n=2), delete("2"), name="bat-2"))
        for n in range(50):
            unit.append([an_event("run.started", f"run-{n}"), an_event("connection.paused", None)])
        unit.commit()
    with storage._writer.begin() as connection:
        downgrade(connection, revision)
    storage.close()


def columns(storage: SqlStorage) -> dict[str, list[str]]:
    """The columns of all tables, but for some that do not stay as they are."""
    return {
        table.name: [column.name for column in table.columns if (table.name, column.name) not in LEFT_OUT]
        for table in storage.tables()
    }


def everything(storage: SqlStorage, wanted: dict[str, list[str]]) -> dict[str, list[object]]:
    """All rows of these columns."""
    return {
        table: select(storage, f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2")
        for table, names in wanted.items()
    }


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_comes_to_head_with_its_rows(url: str, revision: str, tmp_path: Path) -> None:
    """From each revision there is a way to the newest: same rows, and the schema of a fresh database."""
    at_revision(url, revision)
    storage = unmigrated_again(url)
    known = columns(storage)
    before = everything(storage, known)
    storage.close()
    with opened(url) as migrated, opened(tmp_path / "fresh.db") as fresh:
        assert everything(migrated, known) == before
        assert migrated.tables() == fresh.tables()
        assert select(migrated, "SELECT version_num FROM alembic_version") == [NEWEST]
        with migrated.read() as view:
            assert len(view.timeline("run-7")) == 1


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_record_of_an_older_revision_is_met_again(url: str, revision: str) -> None:
    """What was written before is found by its id afterwards: the same is no news, a change replaces it."""
    at_revision(url, revision)
    with opened(url) as storage, storage.write() as unit:
        assert unit.write_records(batch(upsert("1", n=2), name="bat-3")) == Counts()
        changed = unit.write_records(batch(upsert("1", n=3), upsert("2"), name="bat-4"))
        assert changed == Counts(accepted=2, updated=1)
        unit.commit()
    with opened(url) as storage:
        assert [(found.key, found.data.get("n")) for found in read(storage)] == [("1", 3), ("2", None)]


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_way_back_leads_where_the_way_there_began(url: str, revision: str, tmp_path: Path) -> None:
    """A database that was brought back to a revision has the tables that this revision made."""
    at_revision(url, revision)
    back = unmigrated_again(url)
    there = SqliteStorage(tmp_path / "there.db")
    with there._writer.begin() as connection:
        upgrade(connection, revision)
    assert [shape for shape in back.tables() if shape.columns] == there.tables()
    back.close()
    there.close()


def test_an_upgrade_that_fails_says_so_and_changes_nothing(url: str) -> None:
    """What is in the way is told with both revisions and what to do; the rows are as they were."""
    at_revision(url, "0004")
    before = unmigrated_again(url)
    execute(before, "ALTER TABLE records ADD COLUMN identity TEXT")
    execute(before, "CREATE TABLE records_after (in_the_way INTEGER)")
    rows = select(before, "SELECT record_id FROM records ORDER BY 1")
    before.close()
    with pytest.raises(NotUpgraded, match=f"from revision '0004' to '{NEWEST}': .*; nothing .* make some"):
        opened(url).__enter__()
    after = unmigrated_again(url)
    assert after.revision() == "0004"
    assert select(after, "SELECT record_id FROM records ORDER BY 1") == rows
    after.close()


@pytest.mark.long
def test_an_upgrade_holds_no_more_than_it_must(tmp_path: Path) -> None:
    """The memory that an upgrade of a file takes does not grow with what is in the file."""
    url = f"sqlite:///{tmp_path / 'large.db'}"
    at_revision(url, NEWEST)
    with opened(url) as storage:
        for n in range(20):
            write(storage, *(upsert(f"{n}-{m}", text="x" * 3000) for m in range(1000)))
    back = unmigrated_again(url)
    with back._writer.begin() as connection:
        downgrade(connection, "0004")
    back.close()
    source = _GROWN.format(url=url)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, check=True)
    assert int(told.stdout) < 50 * 1024, f"it took {int(told.stdout)} KiB, and the file has 60 MB"


_GROWN = """
import pathlib
import alembic.command
from pdpp_host.compose import open_storage
from pdpp_host.plugins import load_plugins
manager = load_plugins()
def most():
    [line] = [each for each in pathlib.Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each]
    return int(line.split()[1])
before = most()
open_storage(manager, {url!r}).close()
print(most() - before)
"""


def unmigrated_again(url: str) -> SqlStorage:
    """A storage on a database as it is."""
    if url.startswith("sqlite"):
        return SqliteStorage(Path(url.removeprefix("sqlite:///")))
    return PostgresStorage(url)


def test_a_newer_revision_is_refused(url: str) -> None:
    """A database that a newer version wrote is refused with both revisions, and left alone."""
    with opened(url) as storage:
        execute(storage, "UPDATE alembic_version SET version_num = '9999'")
    with (
        pytest.raises(UnknownRevision, match=f"at revision '9999', and the newest .* is '{NEWEST}'"),
        opened(url),
    ):
        pass


def test_another_programs_database_is_refused(url: str) -> None:
    """A database with tables but no revision is left alone."""
    storage = unmigrated(url)
    execute(storage, "CREATE TABLE photos (id INTEGER)")
    storage.close()
    with pytest.raises(ForeignDatabase, match="has the tables 'photos' and no revision"), opened(url):
        pass


def test_at_head_nothing_is_touched(url: str) -> None:
    """Opening a database that is at head and whole writes nothing and waits for no writer."""
    with opened(url) as storage, storage.write() as unit:
        unit.add_connection(a_connection())
        with opened(url) as other:
            assert select(other, "SELECT count(*) FROM connections") == [0]


def test_an_invalid_index_is_made_anew(postgres_url: str) -> None:
    """An index that a failed build left behind is replaced when the database is opened."""
    broken = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_spine_events_run'::regclass"
    with opened(postgres_url) as storage:
        whole = storage.tables()
        execute(storage, broken)
        assert storage.tables() != whole
        with opened(postgres_url):
            assert storage.tables() == whole


_HOST = """
import sys
from pdpp_host.compose import open_storage
from pdpp_host.plugins import load_plugins
from pdpp_host.contract.entries import a_connection
manager = load_plugins()
print("ready", flush=True)
sys.stdin.readline()
storage = open_storage(manager, sys.argv[1])
with storage.write() as unit:
    unit.add_connection(a_connection(sys.argv[2]))
    unit.commit()
storage.close()
"""


@pytest.mark.parametrize("revision", ["0001", pytest.param(None, marks=pytest.mark.long)])
def test_hosts_that_start_at_once_do_not_collide(url: str, revision: str | None) -> None:
    """Of three processes that open an empty or older database one migrates it; all keep their writes."""
    if revision is None:
        unmigrated(url).close()
    else:
        at_revision(url, revision)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    hosts = [
        subprocess.Popen(
            [sys.executable, "-c", _HOST, url, name],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("host-a", "host-b", "host-c")
    ]
    for host in hosts:
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n"
    for host in hosts:
        assert host.stdin is not None
        host.stdin.write("go\n")
        host.stdin.flush()
    for host in hosts:
        _, errors = host.communicate(timeout=60)
        assert (host.returncode, errors) == (0, "")
    with opened(url) as storage:
        wrote = select(
            storage, "SELECT connection_id FROM connections WHERE connection_id <> 'con-1' ORDER BY 1"
        )
        assert wrote == ["host-a", "host-b", "host-c"]
