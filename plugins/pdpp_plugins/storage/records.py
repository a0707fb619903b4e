"""Writes a batch of records: what is new, what has changed, what is only seen again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
    """The writes of a batch by what they do; writes that do nothing are in none of them."""

    upserts: list[RecordWrite]
    deletes: list[RecordWrite]
    seen_again: list[str]


def write_records(connection: Connection, batch: RecordBatch) -> Counts:
    """Write a batch as the port's `Unit.write_records` says, in at most four statements.

    Equal means the same key and the same JSON text. `seen_by` keeps the bits of every path that ever
    wrote the record, through deletes too; a delete adds none.
    """
    latest = {write.record_id: write for write in batch.records}
    if not latest:
        return Counts()
    stored = {row.record_id: row for row in connection.execute(_stored, _named(batch, latest))}
    live = {record_id: row for record_id, row in stored.items() if not row.deleted}
    work = _sort(latest.values(), live, 1 << batch.path)
    if work.seen_again:
        connection.execute(_see, _named(batch, work.seen_again) | {"bit": 1 << batch.path})
    changed = [write.record_id for write in work.upserts + work.deletes]
    if superseded := [record_id for record_id in changed if record_id in stored]:
        connection.execute(_supersede, _named(batch, superseded))
    if changed:
        put_records(connection, _rows(batch, work))
    updated = sum(write.record_id in live for write in work.upserts)
    return Counts(accepted=len(work.upserts), updated=updated, deleted=len(work.deletes))


def _sort(writes: Iterable[RecordWrite], live: dict[str, _Stored], bit: int) -> _Sorted:
    work = _Sorted([], [], [])
    for write in writes:
        stored = live.get(write.record_id)
        if write.data is None:
            if stored is not None:
                work.deletes.append(write)
        elif stored is None or (stored.data, stored.key) != (write.data, write.key):
            work.upserts.append(write)
        elif not stored.seen_by & bit:
            work.seen_again.append(write.record_id)
    return work


def _rows(batch: RecordBatch, work: _Sorted) -> list[RecordRow]:
    connection, stream, path, batch_id = batch.connection_id, batch.stream, batch.path, batch.batch_id
    at = instant_text(batch.written_at)
    return [
        (connection, stream, w.record_id, path, w.key, w.data, w.emitted_at, bit, batch_id, gone, 1, at)
        for writes, bit, gone in ((work.upserts, 1 << path, False), (work.deletes, 0, True))
        for w in writes
    ]


def _named(batch: RecordBatch, ids: Collection[str]) -> dict[str, str | int]:
    return {"connection": batch.connection_id, "of_stream": batch.stream, "ids": listed(ids)}
