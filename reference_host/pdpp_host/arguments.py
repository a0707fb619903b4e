"""What the storage port is asked with: the questions of its views, the batches of its units."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from pdpp_host.domain.entities import RecordWrite


class RecordQuery(Struct, frozen=True):
    """Which records to read: those of `stream` in `connections`, after `after`, at most `limit`."""

    stream: str
    connections: tuple[str, ...]
    after: int = 0
    limit: int = 100


class RecordBatch(Struct, frozen=True):
    """Records of one stream of one path, in the order in which they arrived.

    A `refreshing` batch leaves its mark on records that it finds unchanged too. Deletes that are
    `outright` remove records whatever other paths have seen of them.
    """

    connection_id: str
    path: int
    stream: str
    batch_id: str
    written_at: datetime
    records: tuple[RecordWrite, ...]
    refreshing: bool = False
    outright: bool = False


class UnseenQuery(Struct, frozen=True):
    """Which live records a refreshing batch has not met: of a stream of its connection, by position."""

    connection_id: str
    stream: str
    batch_id: str
    after: int = 0
    limit: int = 1000


class SummaryQuery(Struct, frozen=True):
    """Which rows of the read model: one connection's, or a page of all, in the order of their making.

    `after` is the (created_at, connection_id) of the row before; `limit` None asks for all that follow.
    """

    connection_id: str | None = None
    after: tuple[datetime, str] | None = None
    limit: int | None = None


class RunsQuery(Struct, frozen=True):
    """Runs that name a connection, or carry one of its profile keys, latest first; perhaps only successes."""

    connection_id: str
    profile_keys: tuple[str, ...] = ()
    succeeded: bool = False
    before: int | None = None
    limit: int = 20
