"""The SQLite storage plugin: URLs of the form sqlite:///path/to/file.db."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pluggy
from sqlalchemy.exc import SQLAlchemyError

from pdpp_host.ports import Databases, Storage
from pdpp_plugins.storage import sqlite_engines
from pdpp_plugins.storage.errors import CannotOpen, UnusableUrl, reason_of
from pdpp_plugins.storage.sql_storage import SqlStorage
from pdpp_plugins.storage.sqlite_spelling import SQLITE
from pdpp_plugins.storage.sqlite_template import Template

hookimpl = pluggy.HookimplMarker("pdpp_host")

_SCHEME = "sqlite://"


@hookimpl
def open_storage(url: str) -> Storage | None:
    """The storage behind a sqlite:// URL, migrated to the newest revision; None for other URLs.

    A file that does not exist is made. Raises StorageError where the URL names no file, the file cannot be
    opened or is no database of the host's, or a newer version has written it.
    """
    if not url.startswith(_SCHEME):
        return None
    file = _file_of(url)
    if not file.parent.is_dir():
        raise CannotOpen(str(file), f"there is no folder {str(file.parent)!r}", "make the folder first")
    if _is_new(file):
        # Where no copy can be made SQLite says why, or makes the tables the slow way.
        with suppress(OSError):
            _template.copy_to(file)
    return _opened(file)


@hookimpl
def provide_databases(storage: str, home: Path) -> Databases | None:
    """Files in the folder `home`, for the name `sqlite`."""
    return _Files(home) if storage == "sqlite" else None


class _Files:
    """Fresh files in a folder."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def fresh(self) -> str:
        """The URL of a file that does not exist yet."""
        return f"{_SCHEME}/{self._home / uuid4().hex}.db"

    def drop(self, url: str) -> None:
        """Delete a file and its log."""
        file = _file_of(url)
        for each in file.parent.glob(f"{file.name}*"):
            each.unlink()

    def close(self) -> None:
        """Delete all of them."""
        for each in self._home.glob("*.db*"):
            each.unlink()


class SqliteStorage(SqlStorage):
    """A database file; any number of threads may read and write, writers one after the other."""

    name = "sqlite"
    version = sqlite3.sqlite_version

    def __init__(self, file: Path) -> None:
        writer, reader = sqlite_engines.writer(file), sqlite_engines.reader(file)
        super().__init__(str(file), writer, reader, sqlite_engines.keeper(file), SQLITE)
        self.file = str(file)


def _file_of(url: str) -> Path:
    path = url.removeprefix(f"{_SCHEME}/")
    if path in (url, "", ":memory:"):
        raise UnusableUrl(url)
    return Path(path).absolute()


def _is_new(file: Path) -> bool:
    # SQLite would replay a log left over from a deleted database into the copy.
    return not any(os.path.lexists(f"{file}{suffix}") for suffix in ("", "-wal", "-journal"))


def _opened(file: Path) -> SqliteStorage:
    storage = SqliteStorage(file)
    try:
        storage.migrate()
    except SQLAlchemyError as cause:
        storage.close()
        advice = "name a file that the host may write, or one that does not exist yet"
        raise CannotOpen(str(file), reason_of(cause), advice) from cause
    except BaseException:
        storage.close()
        raise
    return storage


def _make_empty(file: Path) -> None:
    _opened(file).close()


_template = Template(_make_empty)
