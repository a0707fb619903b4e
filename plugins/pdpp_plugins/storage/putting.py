"""How records are added to their table and replaced there, in one statement whatever their number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    FromClause,
    Integer,
    Text,
    bindparam,
    case,
    insert,
    literal,
    select,
    update,
)

from pdpp_host.arguments import RecordBatch
from pdpp_plugins.storage.columns import instant_text
from pdpp_plugins.storage.incoming import Incoming, Replacing
from pdpp_plugins.storage.schema import records

ADDED = {name: records.c[name].type for name in Incoming.__struct_fields__}
REPLACED = {name: records.c[name].type for name in Replacing.__struct_fields__}
"""The columns that a statement made here wants of the rows that it is given, and of what types."""

_gone = bindparam("gone", type_=Boolean)
_written = {
    "path": bindparam("of_path", type_=Integer),
    "batch_id": bindparam("batch", type_=Text),
    "written_at": bindparam("at", type_=Text),
}
_bit = bindparam("bit", type_=BigInteger)


def add_from(rows: FromClause) -> Any:
    """An INSERT of `rows`, which have the columns of ADDED; it takes the parameters of `values_of`."""
    values: dict[str, Any] = _written | {
        "connection_id": bindparam("connection", type_=Text),
        "stream": bindparam("of_stream", type_=Text),
        "seen_by": _bit,
        "deleted": _gone,
        "version": literal(1, Integer),
        **{name: rows.c[name] for name in ADDED},
    }
    return insert(records).from_select(list(values), select(*values.values()).select_from(rows))


def replace_from(rows: FromClause) -> Any:
    """An UPDATE by `rows`, which have the columns of REPLACED; it takes the parameters of `values_of`.

    Position stays, the bit is added to `seen_by`, and `version` grows by one. What is deleted leaves a
    tombstone, which is nobody's evidence.
    """
    values: dict[str, Any] = _written | {name: rows.c[name] for name in REPLACED if name != "position"}
    values["seen_by"] = case((_gone, 0), else_=records.c.seen_by.bitwise_or(_bit))
    values |= {"deleted": _gone, "version": records.c.version + 1}
    return update(records).where(records.c.position == rows.c.position).values(values)


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
