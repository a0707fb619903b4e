"""What can go wrong with a database, one class a mistake; all are the port's StorageError."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.exc import SQLAlchemyError, StatementError, TimeoutError

from pdpp_host.ports import StorageError

# Beside SQLAlchemy's own: stored JSON or times that cannot be read, values that the driver cannot bind.
FAULTS = (SQLAlchemyError, msgspec.MsgspecError, ValueError, OverflowError)


class UnusableUrl(StorageError):
    """A storage URL names no database file."""

    def __init__(self, url: str) -> None:
        super().__init__(f"storage URL {url!r} names no file; write it as sqlite:///path/to/file.db")
        self.url = url


class CannotOpen(StorageError):
    """A database file cannot be opened."""

    def __init__(self, database: str, reason: str, advice: str) -> None:
        super().__init__(f"database {database!r} cannot be opened: {reason}; {advice}")
        self.database, self.reason = database, reason


class ForeignDatabase(StorageError):
    """A database has tables, but nobody's revision of ours."""

    def __init__(self, database: str | None, tables: Sequence[str]) -> None:
        super().__init__(
            f"database {database!r} belongs to another program (it has the tables {', '.join(tables[:5])!r} "
            "and no revision); name a file of the host's own"
        )
        self.database, self.tables = database, tables


class UnknownRevision(StorageError):
    """A database is at a revision that a newer version of the host made."""

    def __init__(self, database: str | None, revision: str, newest: str) -> None:
        super().__init__(
            f"database {database!r} is at revision {revision!r}, and the newest that this version knows is "
            f"{newest!r}; open it with the version of the host that wrote it, or a newer one"
        )
        self.database, self.revision, self.newest = database, revision, newest


class StorageClosed(StorageError):
    """A storage was used after `close`."""

    def __init__(self, database: str) -> None:
        super().__init__(f"storage of database {database!r} is closed; open it again")
        self.database = database


class TransactionOver(StorageError):
    """A view or unit was used after its end: a commit, a failure or the end of its block."""

    def __init__(self, database: str | None) -> None:
        super().__init__(
            f"this transaction on database {database!r} is over; open another with read() or write()"
        )
        self.database = database


class TooManyPaths(StorageError):
    """A path's ordinal does not fit the bits that a record has for paths."""

    def __init__(self, ordinal: int, last: int) -> None:
        super().__init__(f"path ordinal {ordinal!r} is not within 0..{last}; add another connection instead")
        self.ordinal = ordinal


class Refused(StorageError):
    """The database refused something, and the transaction that wanted it is rolled back."""

    def __init__(self, database: str | None, cause: Exception) -> None:
        self.database, self.reason = database, reason_of(cause)
        super().__init__(
            f"database {database!r} refused: {self.reason}; nothing of this transaction is kept, "
            "mend the cause and start it again"
        )


def reason_of(cause: Exception) -> str:
    """The driver's own words, without the statement and its parameters: they hold a person's data."""
    if isinstance(cause, TimeoutError):
        return "another transaction of this process has kept it for too long"
    return str(cause.orig) if isinstance(cause, StatementError) else f"{type(cause).__name__}: {cause}"
