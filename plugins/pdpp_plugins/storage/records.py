"""Writes a batch of records: what is new, what has changed, what is only seen again."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from pdpp_host.domain.entities import Counts, RecordWrite
from pdpp_host.ports import RecordBatch
from pdpp_plugins.storage.columns import instant_text
from pdpp_plugins.storage.schema import record_history, records
from pdpp_plugins.storage.upserts import RecordRow, among, listed, put_records

_Stored = Row[str, str, str | None, int, bool]

_of_batch = (
    records.c.connection_id == bindparam("connection"),
    records.c.stream == bindparam("of_stream"),
    records.c.record_id.in_(among("ids")),
)

_stored = select(
    records.c.record_id, records.c.key, records.c.data, records.c.seen_by, records.c.deleted
).where(*_of_batch)

_see = update(records).where(*_of_batch).values(seen_by=records.c.seen_by.bitwise_or(bindparam("bit")))

_versioned = [column.name for column in record_history.c]
_supersede = insert(record_history).from_select(
    _versioned, select(*(records.c[name] for name in _versioned)).where(*_of_batch)
)


class _Sorted(NamedTuple):
    """The writes of a batch by what they do; `superseded` are ids whose stored version gives way."""

    upserts: list[RecordWrite]
    deletes: list[RecordWrite]
    seen_again: list[str]
    superseded: list[str]
    updated: int


def write_records(connection: Connection, batch: RecordBatch) -> Counts:
    """Write a batch as the port's `Unit.write_records` says, in at most four statements.

    Equal means the same key and the same JSON text. `seen_by` keeps the bits of every path that ever
    wrote the record, through deletes too; a delete adds none.
    """
    latest = {write.record_id: write for write in batch.records}
    if not latest:
        return Counts()
    rows = connection.execute(_stored, _named(batch, latest)).all()
    work = _sort(latest, {row.record_id: row for row in rows}, 1 << batch.path)
    if work.seen_again:
        connection.execute(_see, _named(batch, work.seen_again) | {"bit": 1 << batch.path})
    if work.superseded:
        connection.execute(_supersede, _named(batch, work.superseded))
    if work.upserts or work.deletes:
        put_records(connection, _rows(batch, work))
    return Counts(accepted=len(work.upserts), updated=work.updated, deleted=len(work.deletes))


def _sort(latest: dict[str, RecordWrite], existing: dict[str, _Stored], bit: int) -> _Sorted:
    work = _Sorted([], [], [], [], 0)
    updated = 0
    for record_id, write in latest.items():
        stored = existing.get(record_id)
        live = stored is not None and not stored.deleted
        if stored is not None and live and (stored.data, stored.key) == (write.data, write.key):
            if not stored.seen_by & bit:
                work.seen_again.append(record_id)
            continue
        if write.data is not None:
            work.upserts.append(write)
            updated += live
        elif live:
            work.deletes.append(write)
        else:
            continue
        if stored is not None:
            work.superseded.append(record_id)
    return work._replace(updated=updated)


def _rows(batch: RecordBatch, work: _Sorted) -> list[RecordRow]:
    connection, stream, path, batch_id = batch.connection_id, batch.stream, batch.path, batch.batch_id
    at = instant_text(batch.written_at)
    return [
        (connection, stream, w.record_id, path, w.key, w.data, w.emitted_at, bit, batch_id, gone, 1, at)
        for writes, bit, gone in ((work.upserts, 1 << path, False), (work.deletes, 0, True))
        for w in writes
    ]


def _named(batch: RecordBatch, ids: list[str] | dict[str, RecordWrite]) -> dict[str, str | int]:
    return {"connection": batch.connection_id, "of_stream": batch.stream, "ids": listed(ids)}
