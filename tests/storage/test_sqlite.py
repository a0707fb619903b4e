from __future__ import annotations

import sqlite3
from pathlib import Path

import pluggy
import pytest

from pdpp_host import hookspecs
from pdpp_host.domain.entities import Counts
from pdpp_host.ports import StorageError
from pdpp_plugins.storage import sqlite
from pdpp_plugins.storage.errors import (
    CannotOpen,
    ForeignDatabase,
    StorageClosed,
    UnknownRevision,
    UnusableUrl,
)
from pdpp_plugins.storage.migrations import NEWEST
from pdpp_plugins.storage.sqlite import open_storage

from .builders import a_connection, delete, execute, opened, select, upsert, write


def test_the_module_is_a_plugin_of_the_host(file: Path) -> None:
    """The host's plugin manager opens a sqlite:// URL through the module alone."""
    plugins = pluggy.PluginManager("pdpp_host")
    plugins.add_hookspecs(hookspecs)
    plugins.register(sqlite)
    plugins.check_pending()
    storage = plugins.hook.open_storage(url=f"sqlite:///{file}")
    storage.close()
    assert (storage.name, storage.version) == ("sqlite", sqlite3.sqlite_version)


@pytest.mark.parametrize("url", ["postgresql://host/db", "sqlite+aiosqlite:///x.db", "x.db"])
def test_other_urls_are_left_to_others(url: str) -> None:
    """A URL that does not start with sqlite:// is somebody else's."""
    assert open_storage(url) is None


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://host/x.db"])
def test_a_url_without_a_file_is_refused(url: str) -> None:
    """A URL that names no file is refused with the form that is wanted."""
    with pytest.raises(UnusableUrl, match=r"names no file; write it as sqlite:///path/to/file.db") as caught:
        open_storage(url)
    assert caught.value.url == url


def test_a_relative_path_is_kept_when_the_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path is resolved once, when the storage is opened."""
    monkeypatch.chdir(tmp_path)
    storage = open_storage("sqlite:///host.db")
    assert storage is not None
    monkeypatch.chdir("/")
    with storage.read() as view:
        assert view.connections() == []
    storage.close()
    assert (tmp_path / "host.db").is_file()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A path in a folder that does not exist is refused with the folder's name."""
    with pytest.raises(CannotOpen, match=r"there is no folder '.*nowhere'; make the folder first"):
        open_storage(f"sqlite:///{tmp_path}/nowhere/host.db")


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A path that is a folder is refused in the driver's words."""
    with pytest.raises(CannotOpen, match="cannot be opened: unable to open database file"):
        open_storage(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    """A file with something else in it is refused and left as it was."""
    file.write_text("not a database, but long enough to look at " * 30)
    with pytest.raises(CannotOpen, match="file is not a database; name a file that") as caught:
        open_storage(f"sqlite:///{file}")
    assert caught.value.__cause__ is not None
    assert file.read_text().startswith("not a database")


def test_another_programs_database_is_refused(file: Path) -> None:
    """A database with tables but no revision is left alone."""
    execute(file, "CREATE TABLE photos (id INTEGER)")
    with pytest.raises(ForeignDatabase, match="has the tables 'photos' and no revision"):
        open_storage(f"sqlite:///{file}")
    assert select(file, "SELECT name FROM sqlite_master") == ["photos"]


def test_a_newer_revision_is_refused(file: Path) -> None:
    """A database that a newer version wrote is refused with both revisions."""
    with opened(file):
        pass
    execute(file, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(
        UnknownRevision, match=r"is at revision '9999', and the newest .* is '\d{4}'"
    ) as caught:
        open_storage(f"sqlite:///{file}")
    assert isinstance(caught.value, StorageError)
    assert caught.value.revision == "9999"


@pytest.mark.parametrize("older", ["empty file", "no revision applied"])
def test_an_older_revision_is_upgraded(file: Path, older: str) -> None:
    """A database from before the newest revision is brought there when it is opened."""
    file.touch()
    if older == "no revision applied":
        execute(file, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    with opened(file) as storage, storage.read() as view:
        assert view.connections() == []
    assert select(file, "SELECT version_num FROM alembic_version") == [NEWEST]


def test_an_upgrade_happens_whole_or_not_at_all(file: Path) -> None:
    """A migration that fails half-way leaves the database as it was."""
    version = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
    execute(file, version, "CREATE TABLE records (in_the_way INTEGER)")
    with pytest.raises(CannotOpen, match="table records already exists"):
        open_storage(f"sqlite:///{file}")
    assert select(file, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1") == [
        "alembic_version",
        "records",
    ]


def test_what_was_written_is_there_after_reopening(file: Path) -> None:
    """A storage that is opened again has what the first one committed."""
    with opened(file) as storage, storage.write() as unit:
        unit.add_connection(a_connection())
        unit.commit()
    with opened(file) as storage, storage.read() as view:
        assert view.connections() == [a_connection()]


def test_close_lets_go_of_every_file(file: Path) -> None:
    """After close only the database is left, without log and index, and the storage refuses to work."""
    with opened(file) as storage, storage.write() as unit:
        unit.add_connection(a_connection())
        unit.commit()
    assert list(file.parent.iterdir()) == [file]
    with pytest.raises(StorageClosed, match=r"host.db' is closed"), storage.read():
        pass


def test_a_transaction_that_outlives_close_leaves_no_file_open(file: Path) -> None:
    """A reader that is still at work when the storage closes lets go when it is done."""
    with opened(file) as storage, storage.read() as view:
        storage.close()
        assert view.connections() == []
    assert list(file.parent.iterdir()) == [file]


def test_the_engines_are_set_as_measured(file: Path) -> None:
    """The writer logs ahead, flushes every commit and caches a large index; the reader cannot write."""
    with opened(file) as storage, storage.write() as unit:
        connection = unit._connection
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA page_size").scalar() == 8192
        assert connection.exec_driver_sql("PRAGMA cache_size").scalar() == -32_000
    with opened(file) as storage, storage.read() as view:
        assert view._connection.exec_driver_sql("PRAGMA query_only").scalar() == 1


def test_statistics_of_a_young_table_do_no_harm(file: Path) -> None:
    """Where SQLite thinks that there are two records, replacing many goes through the table once at most."""
    with opened(file) as storage:
        write(storage, upsert("0"), upsert("1"))
        execute(storage, "ANALYZE")
        write(storage, *(upsert(str(n)) for n in range(3000)))
    steps: list[int] = []
    with opened(file) as storage:
        with storage._writer.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.set_progress_handler(lambda: steps.append(1000), 1000)
        changes = [*(upsert(str(n), n=1) for n in range(500)), *(delete(str(n)) for n in range(500, 1000))]
        assert write(storage, *changes) == Counts(accepted=500, updated=500, deleted=500)
        driver.set_progress_handler(None, 0)
    assert 0 < sum(steps) < 1000 * 1000, f"{sum(steps)} steps for a thousand records of three thousand"


def test_asking_for_a_plan_leaves_no_statistics(file: Path) -> None:
    """What a plan was asked for is known to nobody afterwards: soon it would be false."""
    with opened(file) as storage:
        write(storage, upsert("0"))
        assert storage.plan("stored_records").scanned == {"records"}, "one record needs no index"
        assert select(storage, "SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'") == []
