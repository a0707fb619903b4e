"""What can go wrong with a database, one class a mistake; all are the port's StorageError."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy.exc import SQLAlchemyError, StatementError, TimeoutError

from pdpp_host.ports import StorageError

# Beside SQLAlchemy's own: stored JSON or times that cannot be read, values that the driver cannot bind.
FAULTS = (SQLAlchemyError, msgspec.MsgspecError, ValueError, OverflowError)


class Unstorable(ValueError):
    """Text that one of the databases could not give back as it was; refused by all of them."""


class UnusableUrl(StorageError):
    """A storage URL names no database file."""

    def __init__(self, url: str) -> None:
        super().__init__(f"storage URL {url!r} names no file; write it as sqlite:///path/to/file.db")
        self.url = url


class MissingExtra(StorageError):
    """A URL is PostgreSQL's, and what speaks to PostgreSQL is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL needs the extra that brings its driver; install it: pip install 'pdpp-tck[postgres]'"
        )


class UnusableServer(StorageError):
    """A PostgreSQL server cannot be used as it is."""

    def __init__(self, server: str, reason: str, advice: str) -> None:
        super().__init__(f"PostgreSQL {server} cannot be used: {reason}; {advice}")
        self.server, self.reason = server, reason


class CannotOpen(StorageError):
    """A database cannot be opened."""

    def __init__(self, database: str, reason: str, advice: str) -> None:
        super().__init__(f"database {database!r} cannot be opened: {reason}; {advice}")
        self.database, self.reason = database, reason


class NotUpgraded(StorageError):
    """A database is of an older revision, and could not be brought to the newest; it is as it was."""

    def __init__(self, database: str, revision: str, newest: str, reason: str) -> None:
        super().__init__(
            f"database {database!r} could not be upgraded from revision {revision!r} to {newest!r}: {reason};"
            " nothing in it was changed. An upgrade may want room for three more of it: make some, let nobody"
            " else use it, and open it again"
        )
        self.database, self.revision, self.reason = database, revision, reason


class ForeignDatabase(StorageError):
    """A database has tables, but nobody's revision of ours."""

    def __init__(self, database: str | None, tables: Sequence[str]) -> None:
        super().__init__(
            f"database {database!r} belongs to another program (it has the tables {', '.join(tables[:5])!r} "
            "and no revision); name a database of the host's own"
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
    """The driver's own words on one line, without the statement and its parameters: a person's data."""
    if isinstance(cause, TimeoutError):
        return "other transactions of this process have kept it for too long"
    if isinstance(cause, StatementError) and cause.orig is not None:
        return reason_of(cause.orig) if isinstance(cause.orig, ValueError) else _on_one_line(cause.orig)
    return str(cause) if isinstance(cause, Unstorable) else f"{type(cause).__name__}: {cause}"


def _on_one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
