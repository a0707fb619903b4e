"""How SQLite puts it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import astuple
from sqlalchemy import Connection, LargeBinary, bindparam, cast, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError

from pdpp_host.arguments import RecordBatch
from pdpp_plugins.storage.columns import json_text
from pdpp_plugins.storage.incoming import Incoming
from pdpp_plugins.storage.putting import WRITTEN, in_two, put_from
from pdpp_plugins.storage.questions import LIVE_BY_STREAM, NAMED_RECORD, RECORDS, STORED_RECORDS
from pdpp_plugins.storage.schema import records
from pdpp_plugins.storage.spelling import Spelling, among, texts

_write = texts("writes").c.value
_incoming = select(
    *(func.json_extract(_write, f"$[{n}]").label(name) for n, name in enumerate(WRITTEN))
).subquery()
# One call that runs without Python's lock, so that lines are decoded while records are written. With a call
# for each record the two would wait for each other's turns.
_PUT_RECORDS = put_from(insert, _incoming)
_AT_ONCE = 512 * 1024  # characters, for what is parsed takes several times the memory of its text

# Each connection gives its own page from the index, so that no page costs more than what it may show.
_wanted = texts("connections")
_candidate = records.alias("candidate")
_page_of_one = (
    select(_candidate.c.position)
    .where(
        _candidate.c.connection_id == _wanted.c.value,
        _candidate.c.stream == bindparam("of_stream"),
        ~_candidate.c.deleted,
        _candidate.c.position > bindparam("after"),
    )
    .order_by(_candidate.c.position)
    .limit(bindparam("page"))
    .correlate(_wanted)
)
# Ordered by a sum, which no index has: else SQLite likes to walk through everybody's records in order.
_PAGE_OF_RECORDS = (
    RECORDS.select_from(_wanted)
    .join(records, records.c.position.in_(_page_of_one))
    .order_by(None)
    .order_by(records.c.position + 0)
    .limit(bindparam("page"))
)


def _put_records(connection: Connection, batch: RecordBatch, writes: Sequence[Incoming]) -> None:
    for values, chosen in in_two(batch, writes):
        pieces = 1 + sum(len(write.data or "") for write in chosen) // _AT_ONCE
        many = -(-len(chosen) // pieces)
        for first in range(0, len(chosen), many):
            rows = json_text([astuple(write) for write in chosen[first : first + many]])
            connection.execute(_PUT_RECORDS, values | {"writes": rows})


_named = records.c.identity.in_(among("identities"))
_STORED_RECORDS = STORED_RECORDS.where(_named)

_each = (records.c.stream, records.c.connection_id)
_STREAMS = LIVE_BY_STREAM.where(_each[1].in_(among("connections"))).group_by(*_each).order_by(*_each)

_RECORD = NAMED_RECORD.where(_named)

_INDEXES = "SELECT name, 1 FROM sqlite_master WHERE type = 'index'"

_SIZE = func.length(cast(records.c.data, LargeBinary))


def _begin_at_once(connection: Connection) -> bool:
    try:
        connection.begin()
    except OperationalError:
        return False
    return True


SQLITE = Spelling(
    insert,
    _PAGE_OF_RECORDS,
    _STORED_RECORDS,
    _STREAMS,
    _RECORD,
    _INDEXES,
    _SIZE,
    _begin_at_once,
    _put_records,
)
