"""A SQL database behind the storage port, with all that does not depend on its dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, Index
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import DropIndex

from pdpp_host.sql_port import Plan, Question, TableShape
from pdpp_plugins.storage.errors import NotUpgraded, Refused, StorageClosed, reason_of
from pdpp_plugins.storage.migrations import (
    NEWEST,
    current_revision,
    downgrade,
    lost_indexes,
    restore,
    upgrade,
)
from pdpp_plugins.storage.reading import View
from pdpp_plugins.storage.shapes import plan_of, tables_of
from pdpp_plugins.storage.spelling import Spelling
from pdpp_plugins.storage.watching import watch
from pdpp_plugins.storage.writing import Unit


class SqlStorage:
    """A database with an engine that writes, one that reads and one that writes only where it need not wait.

    The writer's transactions must come one after the other, those of other processes included.
    """

    name: str
    version: str
    claims = frozenset({"sql_schema"})

    def __init__(
        self, database: str, writer: Engine, reader: Engine, keeper: Engine, spelling: Spelling
    ) -> None:
        self.database = database
        self._writer, self._reader, self._keeper, self._spelling = writer, reader, keeper, spelling
        self._closed = False
        self._count: Callable[..., None] | None = None

    @contextmanager
    def read(self) -> Iterator[View]:
        """A snapshot to read from, of the moment of its first question; it waits for nobody."""
        with self._transaction(self._reader) as connection:
            yield View(connection, self._spelling, self._count)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """A transaction to write in; a second one waits for it, also in another process, for a minute."""
        with self._transaction(self._writer) as connection:
            yield Unit(connection, self._spelling)

    @contextmanager
    def try_write(self) -> Iterator[Unit | None]:
        """A transaction to write in, or None where it would have to wait, or cannot be had."""
        if self._closed:
            raise StorageClosed(self.database)
        connection = self._at_once()
        if connection is None:
            yield None
            return
        try:
            yield Unit(connection, self._spelling)
        finally:
            if self._closed:
                connection.detach()
            _let_go(connection)

    def _at_once(self) -> Connection | None:
        """A connection whose transaction has begun without waiting."""
        connection = None
        try:
            connection = self._keeper.connect()
            if self._spelling.begin_at_once(connection):
                return connection
        except SQLAlchemyError:
            pass
        if connection is not None:
            _let_go(connection)
        return None

    def observe(self, count: Callable[..., None]) -> None:
        """Have each statement and row counted, where the driver has executed it; see `pdpp_host.sql_port`."""
        for engine in (self._writer, self._reader, self._keeper):
            watch(engine, count)
        self._count = count

    def migrate(self) -> None:
        """Bring the database to the newest revision; at it, make indexes anew that it has lost.

        Nothing is locked where nothing is to be done. Of hosts that start at once one does it, and the
        others find it done. NotUpgraded where an older one stays as it is.
        """
        with self._reader.begin() as connection:
            revision = current_revision(connection)
            if revision == NEWEST and not lost_indexes(connection, self._spelling):
                return
        try:
            with self._writer.begin() as connection:
                upgrade(connection)
                restore(connection, lost_indexes(connection, self._spelling))
        except SQLAlchemyError as cause:
            if revision in (None, NEWEST):
                raise
            raise NotUpgraded(self.database, str(revision), NEWEST, reason_of(cause)) from cause

    def tables(self) -> list[TableShape]:
        """The host's tables as they are, by name, without that of the migrations."""
        with self._reader.begin() as connection:
            return tables_of(connection, self._spelling)

    def plan(self, question: Question) -> Plan:
        """How the database would answer a question of the host's now, with statistics that are fresh.

        They are taken back: those of a young table would have it answered badly when the table has grown.
        """
        with self._transaction(self._writer) as connection:
            return plan_of(connection, self._spelling, question)

    def drop_index(self, name: str) -> None:
        """Lose an index, as an accident would."""
        with self._writer.begin() as connection:
            connection.execute(DropIndex(Index(name)))

    def create(self, definition: str) -> None:
        """Make an index by hand; one that is made CONCURRENTLY wants to be in no transaction."""
        alone = self._keeper.execution_options(isolation_level="AUTOCOMMIT")
        engine = alone if "CONCURRENTLY" in definition else self._writer
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE {definition}")

    def revision(self) -> str | None:
        """The revision of the schema that the database is at."""
        with self._reader.begin() as connection:
            return current_revision(connection)

    def step_back(self) -> None:
        """Make the database one of the first revision; rows stay, but for what it had no place for."""
        with self._writer.begin() as connection:
            downgrade(connection)

    def close(self) -> None:
        """Let go of every connection and file; transactions that are open end as they would have."""
        self._closed = True
        self._reader.dispose()
        self._keeper.dispose()
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
            _let_go(connection)


def _let_go(connection: Connection) -> None:
    """Give a connection back; one that cannot even roll back any more is thrown away, and harms nobody."""
    try:
        connection.close()
    except SQLAlchemyError:
        with suppress(SQLAlchemyError):
            connection.invalidate()
            connection.close()


def _begin(connection: Connection) -> None:
    try:
        connection.begin()
    except SQLAlchemyError as cause:
        raise Refused(connection.engine.url.database, cause) from cause
