"""Asking the database within one transaction, which the first failure ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Executable, Row
from sqlalchemy.exc import SQLAlchemyError, StatementError

from pdpp_plugins.storage.errors import FAULTS, Refused, TransactionOver, Unstorable
from pdpp_plugins.storage.spelling import Spelling

_Row = Row[*tuple[Any, ...]]


class Asking:
    """A transaction and how its database is spoken to."""

    def __init__(
        self, connection: Connection, spelling: Spelling, count: Callable[..., None] | None = None
    ) -> None:
        self._connection = connection
        self._spelling = spelling
        self._count = count

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        database = self._connection.engine.url.database
        if not self._connection.in_transaction():
            raise TransactionOver(database)
        try:
            yield self._connection
        except FAULTS as cause:
            # A connection that broke has nothing to roll back, and says so.
            with suppress(SQLAlchemyError):
                self._connection.rollback()
            raise Refused(database, cause) from cause

    def _rows(self, statement: Executable, parameters: dict[str, Any] | None = None) -> Sequence[_Row]:
        with self._asking() as connection:
            try:
                found = connection.execute(statement, parameters).all()
            except StatementError as error:
                # Nothing was asked of the database yet, and nothing there can be named so.
                if isinstance(error.orig, Unstorable):
                    return ()
                raise
        if self._count is not None:
            self._count(rows_read=len(found))
        return found
