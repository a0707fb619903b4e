"""The statements that SQL dialects spell differently, in SQLite's spelling."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, FromClause, Select, Table, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import Insert, insert

from pdpp_plugins.storage.columns import json_text
from pdpp_plugins.storage.schema import records


def put(table: Table) -> Insert:
    """Insert a row, or replace the one that has its primary key."""
    statement = insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)


def keep_first(table: Table) -> Insert:
    """Insert a row, or do nothing where one has its primary key."""
    return insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))


def texts(name: str) -> FromClause:
    """The texts in parameter `name` (see `listed`) as rows of one column, `value`."""
    return func.json_each(bindparam(name)).table_valued("value", name=name)


def among(name: str) -> Select[Any]:
    """The texts in parameter `name` (see `listed`), for use with IN."""
    return select(texts(name).c.value)


def listed(values: Collection[str]) -> str:
    """Texts as the parameter that `texts` and `among` read, each once."""
    return json_text(sorted(set(values)))


# The columns of a row for `put_records`, in order; `version` is what an update adds to the stored one.
RECORD_ROW = tuple(column.name for column in records.c if column.name != "position")
RecordRow = tuple[str | int | bool | None, ...]


def _put_records() -> str:
    statement = insert(records)
    new = statement.excluded
    identity = ("connection_id", "stream", "record_id")
    changes: dict[str, Any] = {name: new[name] for name in RECORD_ROW if name not in identity}
    changes["seen_by"] = records.c.seen_by.bitwise_or(new.seen_by)
    changes["version"] = records.c.version + new.version
    upsert = statement.on_conflict_do_update(index_elements=identity, set_=changes)
    return str(upsert.compile(dialect=sqlite.dialect(), column_keys=list(RECORD_ROW)))


_PUT_RECORDS = _put_records()


def put_records(connection: Connection, rows: list[RecordRow]) -> None:
    """Insert records or replace those of their identity; position and the bits of `seen_by` stay."""
    # Past SQLAlchemy's parameter handling, which costs more than SQLite itself does for a thousand rows.
    connection.exec_driver_sql(_PUT_RECORDS, rows)
