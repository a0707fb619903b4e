"""How a batch of records is put into their table, in one statement whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from pdpp_plugins.storage.incoming import Incoming
from pdpp_plugins.storage.schema import records

WRITTEN = Incoming.__struct_fields__
"""The columns that a statement made here wants of what is incoming."""

_COLUMNS = tuple(column.name for column in records.c if column.name not in ("position", "met_by"))


def put_from(insert: Callable[[Table], Any], incoming: FromClause) -> Any:
    """An INSERT of what is in `incoming`, which has the fields of `Incoming`.

    Records of the same identity are replaced as `Spelling.put_records` says. It takes the parameters of
    `in_two`, the records being all written or all deleted.
    """
    new = incoming.c
    values = {
        "connection_id": bindparam("connection", type_=Text),
        "stream": bindparam("of_stream", type_=Text),
        "record_id": new.record_id,
        "path": bindparam("path", type_=Integer),
        "key": new.key,
        "data": new.data,
        "emitted_at": new.emitted_at,
        "seen_by": bindparam("bit", type_=BigInteger),
        "batch_id": bindparam("batch", type_=Text),
        "deleted": bindparam("gone", type_=Boolean),
        "version": literal(1, Integer),
        "written_at": bindparam("at", type_=Text),
        "identity": new.identity,
    }
    # With a condition, lest ON CONFLICT be read as one of a join.
    chosen = select(*(values[name] for name in _COLUMNS)).select_from(incoming).where(true())
    return _over(insert(records).from_select(_COLUMNS, chosen))


def in_two(batch: RecordBatch, writes: Sequence[Incoming]) -> Iterator[tuple[dict[str, Any], list[Incoming]]]:
    """What is written and what is deleted, each with the values that are the same for all of it."""
    for gone in (False, True):
        chosen = [write for write in writes if (write.data is None) is gone]
        if chosen:
            yield _values(batch, gone), chosen


def _values(batch: RecordBatch, gone: bool) -> dict[str, Any]:
    return {
        "connection": batch.connection_id,
        "of_stream": batch.stream,
        "path": batch.path,
        # A tombstone is nobody's evidence.
        "bit": 0 if gone else 1 << batch.path,
        "gone": gone,
        "batch": batch.batch_id,
        "at": instant_text(batch.written_at),
    }


def _over(statement: Any) -> Any:
    new, same = statement.excluded, ("connection_id", "stream", "record_id", "identity")
    changes = {name: new[name] for name in _COLUMNS if name not in same}
    changes["seen_by"] = case((new.deleted, 0), else_=records.c.seen_by.bitwise_or(new.seen_by))
    changes["version"] = records.c.version + new.version
    return statement.on_conflict_do_update(index_elements=["identity"], set_=changes)
