"""How PostgreSQL puts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import astuple
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.types import TypeEngine

from pdpp_plugins.storage.columns import json_text
from pdpp_plugins.storage.incoming import Incoming, Replacing
from pdpp_plugins.storage.putting import ADDED, REPLACED, add_from, replace_from
from pdpp_plugins.storage.questions import LIVE_BY_STREAM, NAMED_RECORD, RECORDS, STORED_RECORDS
from pdpp_plugins.storage.schema import records
from pdpp_plugins.storage.spelling import Spelling, texts

WRITERS = 0x70647070
"""The lock that every writer of a database holds; of this project's choosing, the same in every version."""

COPY_FROM = 5000
"""The number of records from which COPY is the faster way in."""


def _listed(columns: Mapping[str, TypeEngine[Any]]) -> FromClause:
    # Not jsonb, which would parse all of it into a tree of its own first.
    return (
        func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON))
        .table_valued(*(column(name, kind) for name, kind in columns.items()), name="incoming")
        .render_derived(with_types=True)
    )


_ADD, _REPLACE = add_from(insert, _listed(ADDED)), replace_from(insert, _listed(REPLACED))
_INCOMING = Table(
    "incoming",
    MetaData(),
    *(Column(name, kind) for name, kind in ADDED.items()),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
_MAKE_INCOMING, _DROP_INCOMING = CreateTable(_INCOMING), DropTable(_INCOMING)
_ADD_COPIED = add_from(insert, _INCOMING)
_COPY = f"COPY pg_temp.incoming ({', '.join(ADDED)}) FROM STDIN"


def _add(connection: Connection, values: dict[str, Any], writes: Sequence[Incoming]) -> None:
    if len(writes) < COPY_FROM:
        connection.execute(_ADD, values | {"rows": json_text(writes)})
    else:
        connection.execute(_MAKE_INCOMING)
        _copy(connection, writes)
        connection.execute(_ADD_COPIED, values)
        connection.execute(_DROP_INCOMING)


def _replace(connection: Connection, values: dict[str, Any], writes: Sequence[Replacing]) -> None:
    connection.execute(_REPLACE, values | {"rows": json_text(writes)})


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

# One look into the index for each record, which an offset makes sure of. With IN, a planner that expects few
# records in the stream compares each of them with each id: forty thousand of both took six minutes.
_named = texts("fingerprints")
_is_named = records.c.fingerprint == cast(_named.c.value, BigInteger)
_found = STORED_RECORDS.where(_is_named).offset(0).correlate(_named).lateral("found")
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

_one = NAMED_RECORD.where(_is_named).offset(0).correlate(_named).lateral("one")
_RECORD = select(*_one.c).select_from(_named).join(_one, true()).order_by(_one.c.position)

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
    _add,
    _replace,
)
