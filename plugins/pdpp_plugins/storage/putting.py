"""How records are added to their table and replaced there, many by one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    FromClause,
    Integer,
    Table,
    Text,
    bindparam,
    case,
    literal,
    select,
    true,
)

from pdpp_host.arguments import RecordBatch
from pdpp_plugins.storage.columns import instant_text
from pdpp_plugins.storage.incoming import Incoming, Replacing
from pdpp_plugins.storage.schema import records

ADDED = {name: records.c[name].type for name in Incoming.__struct_fields__}
REPLACED = {name: records.c[name].type for name in Replacing.__struct_fields__}
"""The columns that a statement made here wants of the rows that it is given, and of what types."""

_written = {
    "connection_id": bindparam("connection", type_=Text),
    "stream": bindparam("of_stream", type_=Text),
    "path": bindparam("of_path", type_=Integer),
    "batch_id": bindparam("batch", type_=Text),
    "written_at": bindparam("at", type_=Text),
    "seen_by": bindparam("bit", type_=BigInteger),
    "deleted": bindparam("gone", type_=Boolean),
    "version": literal(1, Integer),
}


def add_from(insert: Callable[[Table], Any], rows: FromClause) -> Any:
    """An INSERT of `rows`, which have the columns of ADDED; it takes the parameters of `values_of`."""
    return _insert(insert, rows, ADDED)


def replace_from(insert: Callable[[Table], Any], rows: FromClause) -> Any:
    """The replacement of records by `rows`, which have the columns of REPLACED; parameters as `values_of`.

    Position stays, the bit is added to `seen_by`, and `version` grows by one. What is deleted leaves a
    tombstone, which is nobody's evidence. It is an INSERT that always finds the position taken: an UPDATE
    joins, and SQLite joins in the wrong order where it thinks that there are few records.
    """
    statement = _insert(insert, rows, REPLACED)
    new = statement.excluded
    changes = {
        name: new[name] for name in ("path", "key", "data", "emitted_at", "batch_id", "deleted", "written_at")
    }
    changes["seen_by"] = case((new.deleted, 0), else_=records.c.seen_by.bitwise_or(new.seen_by))
    changes["version"] = records.c.version + new.version
    return statement.on_conflict_do_update(index_elements=["position"], set_=changes)


def _insert(insert: Callable[[Table], Any], rows: FromClause, names: Iterable[str]) -> Any:
    values: dict[str, Any] = _written | {name: rows.c[name] for name in names}
    # With a condition, lest ON CONFLICT be read as one of a join.
    chosen = select(*values.values()).select_from(rows).where(true())
    return insert(records).from_select(list(values), chosen)


def values_of(batch: RecordBatch, gone: bool) -> dict[str, Any]:
    """The values that are the same for all that a batch writes, or for all that it deletes."""
    return {
        "connection": batch.connection_id,
        "of_stream": batch.stream,
        "of_path": batch.path,
        "bit": 1 << batch.path,
        "gone": gone,
        "batch": batch.batch_id,
        "at": instant_text(batch.written_at),
    }
