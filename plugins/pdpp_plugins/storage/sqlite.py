"""The SQLite storage plugin: URLs of the form sqlite:///path/to/file.db."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pluggy
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from pdpp_host.ports import Storage
from pdpp_plugins.storage import engines
from pdpp_plugins.storage.errors import CannotOpen, Refused, StorageClosed, UnusableUrl, reason_of
from pdpp_plugins.storage.migrations import NEWEST, current_revision, upgrade
from pdpp_plugins.storage.reading import View
from pdpp_plugins.storage.template import Template
from pdpp_plugins.storage.writing import Unit

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


class SqliteStorage:
    """A database file; any number of threads may read and write, writers one after the other."""

    name = "sqlite"
    version = sqlite3.sqlite_version

    def __init__(self, file: Path) -> None:
        self.file = str(file)
        self._writer, self._reader = engines.writer(file), engines.reader(file)
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[View]:
        """A snapshot to read from, of the moment of its first question; it waits for nobody."""
        with self._transaction(self._reader) as connection:
            yield View(connection)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """A transaction to write in; a second one waits for it, also in another process, for a minute."""
        with self._transaction(self._writer) as connection:
            yield Unit(connection)

    def migrate(self) -> None:
        """Bring the file to the newest revision if it is not there yet."""
        with self._reader.begin() as connection:
            revision = current_revision(connection)
        if revision != NEWEST:
            with self._writer.begin() as connection:
                upgrade(connection)

    def close(self) -> None:
        """Let go of every connection and file; transactions that are open end as they would have."""
        self._closed = True
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        if self._closed:
            raise StorageClosed(self.file)
        try:
            connection = engine.connect()
        except SQLAlchemyError as cause:
            raise Refused(self.file, cause) from cause
        try:
            _begin(connection)
            yield connection
        finally:
            if self._closed:
                connection.detach()
            connection.close()


def _begin(connection: Connection) -> None:
    try:
        connection.begin()
    except SQLAlchemyError as cause:
        raise Refused(connection.engine.url.database, cause) from cause


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
