"""How SQLite puts it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import (
    Connection,
    Executable,
    FromClause,
    Integer,
    LargeBinary,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError

from pdpp_plugins.storage.columns import json_text
from pdpp_plugins.storage.incoming import Incoming, Replacing
from pdpp_plugins.storage.putting import ADDED, REPLACED, add_from, replace_from
from pdpp_plugins.storage.questions import LIVE_BY_STREAM, NAMED_RECORD, RECORDS, STORED_RECORDS
from pdpp_plugins.storage.schema import records
from pdpp_plugins.storage.spelling import Spelling, among, texts

_row = texts("rows").c.value


def _rows(names: Iterable[str]) -> FromClause:
    columns = (func.json_extract(_row, f"$[{n}]").label(name) for n, name in enumerate(names))
    return select(*columns).subquery()


# One call that runs without Python's lock, so that lines are decoded while records are written. With a call
# for each record the two would wait for each other's turns.
_ADD, _REPLACE = add_from(insert, _rows(ADDED)), replace_from(insert, _rows(REPLACED))
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


def _add(connection: Connection, values: dict[str, Any], writes: Sequence[Incoming]) -> None:
    _in_pieces(connection, _ADD, values, writes)


def _replace(connection: Connection, values: dict[str, Any], writes: Sequence[Replacing]) -> None:
    _in_pieces(connection, _REPLACE, values, writes)


def _in_pieces(
    connection: Connection,
    statement: Executable,
    values: dict[str, Any],
    writes: Sequence[Incoming] | Sequence[Replacing],
) -> None:
    pieces = 1 + sum(len(write.data or "") for write in writes) // _AT_ONCE
    many = -(-len(writes) // pieces)
    for first in range(0, len(writes), many):
        rows = json_text([astuple(write) for write in writes[first : first + many]])
        connection.execute(statement, values | {"rows": rows})


_named = records.c.fingerprint.in_(among("fingerprints", Integer))
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
    _add,
    _replace,
)
