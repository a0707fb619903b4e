"""A SQL database behind the storage port, with all that does not depend on its dialect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from pdpp_plugins.storage.errors import Refused, StorageClosed
from pdpp_plugins.storage.migrations import NEWEST, current_revision, upgrade
from pdpp_plugins.storage.reading import View
from pdpp_plugins.storage.spelling import Spelling
from pdpp_plugins.storage.writing import Unit


class SqlStorage:
    """A database with an engine that writes and one that reads; any number of threads may use it.

    The writer's transactions must come one after the other, those of other processes included.
    """

    name: str
    version: str

    def __init__(self, database: str, writer: Engine, reader: Engine, spelling: Spelling) -> None:
        self.database = database
        self._writer, self._reader, self._spelling = writer, reader, spelling
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[View]:
        """A snapshot to read from, of the moment of its first question; it waits for nobody."""
        with self._transaction(self._reader) as connection:
            yield View(connection, self._spelling)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """A transaction to write in; a second one waits for it, also in another process, for a minute."""
        with self._transaction(self._writer) as connection:
            yield Unit(connection, self._spelling)

    def migrate(self) -> None:
        """Bring the database to the newest revision if it is not there yet."""
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
            raise StorageClosed(self.database)
        try:
            connection = engine.connect()
        except SQLAlchemyError as cause:
            raise Refused(self.database, cause) from cause
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
