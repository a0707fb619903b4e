"""How PostgreSQL puts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    table,
    text,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from pdpp_host.arguments import RecordBatch
from pdpp_plugins.storage.columns import json_text
from pdpp_plugins.storage.incoming import Incoming
from pdpp_plugins.storage.putting import WRITTEN, in_two, put_from
from pdpp_plugins.storage.questions import LIVE_BY_STREAM, NAMED_RECORD, RECORDS, STORED_RECORDS
from pdpp_plugins.storage.schema import records
from pdpp_plugins.storage.spelling import Spelling, texts

WRITERS = 0x70647070
"""The lock that every writer of a database holds; of this project's choosing, the same in every version."""

COPY_FROM = 5000
"""The number of records from which COPY is the faster way in."""

# One statement with one parameter, whatever the number of records. Not jsonb, which would parse all of it
# into a tree of its own first.
_PUT_LISTED = put_from(
    insert,
    func.json_to_recordset(cast(bindparam("writes", type_=Text), JSON))
    .table_valued(*(column(name, Text) for name in WRITTEN), name="incoming")
    .render_derived(with_types=True),
)
_PUT_COPIED = put_from(insert, table("incoming", *(Column(name, Text) for name in WRITTEN)))
_MAKE_INCOMING = text(
    f"CREATE TEMPORARY TABLE incoming ({', '.join(f'{name} text' for name in WRITTEN)}) ON COMMIT DROP"
)
_DROP_INCOMING = text("DROP TABLE incoming")
_COPY = f"COPY pg_temp.incoming ({', '.join(WRITTEN)}) FROM STDIN"


def _put_records(connection: Connection, batch: RecordBatch, writes: Sequence[Incoming]) -> None:
    for values, chosen in in_two(batch, writes):
        if len(chosen) < COPY_FROM:
            connection.execute(_PUT_LISTED, values | {"writes": json_text(chosen)})
        else:
            connection.execute(_MAKE_INCOMING)
            _copy(connection, chosen)
            connection.execute(_PUT_COPIED, values)
            connection.execute(_DROP_INCOMING)


def _copy(connection: Connection, writes: Sequence[Incoming]) -> None:
    # Here and not above: this module must be importable where the extra is not installed.
    import psycopg

    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
            for write in writes:
                copy.write_row(astuple(write))
    except psycopg.Error as cause:
        # Its details repeat the row at fault.
        told = psycopg.Error(cause.diag.message_primary or type(cause).__name__)
        raise DBAPIError(None, None, told) from None


_wanted = texts("connections")
# Bounds and order of the index itself, with no equality in them. Where connection and stream are equal to
# something the index of positions has the same order, and the planner likes to walk through the records
# of everybody in it.
_candidate = records.alias("candidate")
_order = (_candidate.c.connection_id, _candidate.c.stream, _candidate.c.position)
_stream, _after = bindparam("of_stream", type_=Text), bindparam("after", type_=BigInteger)
_page = (
    select(_candidate.c.position)
    .where(
        tuple_(*_order) > tuple_(_wanted.c.value, _stream, _after),
        tuple_(*_order) <= tuple_(_wanted.c.value, _stream, literal(2**63 - 1, BigInteger)),
        ~_candidate.c.deleted,
    )
    .order_by(*_order)
    .limit(bindparam("page", type_=Integer))
    .correlate(_wanted)
    .lateral("page_of_one")
)
_PAGE_OF_RECORDS = (
    RECORDS.select_from(_wanted)
    .join(_page, true())
    .join(records, records.c.position == _page.c.position)
    .limit(bindparam("page", type_=Integer))
)

# One look into the index for each record. With IN, a planner that expects few records in the stream compares
# each of them with each id: forty thousand of both took six minutes.
_named = texts("identities")
_is_named = records.c.identity == _named.c.value
_found = STORED_RECORDS.where(_is_named).limit(1).correlate(_named).lateral("found")
_STORED_RECORDS = select(*_found.c).select_from(_named).join(_found, true())

_each = (records.c.stream, records.c.connection_id)
_live = (
    LIVE_BY_STREAM.where(records.c.connection_id == _wanted.c.value)
    .group_by(*_each)
    .correlate(_wanted)
    .lateral("live_by_stream")
)
_STREAMS = (
    select(*_live.c).select_from(_wanted).join(_live, true()).order_by(_live.c.stream, _live.c.connection_id)
)

_one = NAMED_RECORD.where(_is_named).correlate(_named).lateral("one")
_RECORD = select(*_one.c).select_from(_named).join(_one, true()).order_by(_one.c.position).limit(1)

_INDEXES = (
    "SELECT named.relname, about.indisvalid AND about.indisready FROM pg_index AS about"
    " JOIN pg_class AS named ON named.oid = about.indexrelid"
    " WHERE pg_table_is_visible(about.indrelid)"
)

_SIZE = func.octet_length(records.c.data)


def _begin_at_once(connection: Connection) -> bool:
    connection.begin()
    return bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({WRITERS})").scalar())


POSTGRES = Spelling(
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
