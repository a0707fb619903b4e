"""Writes a batch of records: what is new, what has changed, what is only seen again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Integer, Row, bindparam, insert, select, update

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain.entities import Counts
from pdpp_plugins.storage.columns import json_text
from pdpp_plugins.storage.incoming import Incoming, Replacing, incoming
from pdpp_plugins.storage.odd import check_storable
from pdpp_plugins.storage.putting import values_of
from pdpp_plugins.storage.schema import record_history, records
from pdpp_plugins.storage.spelling import Spelling, among

_Stored = Row[int, str, str, str | None, int, bool]

_at = records.c.position.in_(among("positions", Integer))
_see = update(records).where(_at).values(seen_by=records.c.seen_by.bitwise_or(bindparam("bit")))
_meet = update(records).where(_at).values(met_by=bindparam("batch"))
_unsee = update(records).where(_at).values(seen_by=records.c.seen_by.bitwise_and(bindparam("others")))

_versioned = [column.name for column in record_history.c]
_supersede = insert(record_history).from_select(
    _versioned, select(*(records.c[name] for name in _versioned)).where(_at)
)


class _Sorted(NamedTuple):
    """The writes of a batch by what they do; writes that do nothing are in none of them."""

    upserts: list[Incoming]
    deletes: list[Incoming]
    seen_again: list[int]
    unchanged: list[int]
    withdrawn: list[int]


class Written(NamedTuple):
    """What a batch did, and by how many bytes it changed what is retained."""

    counts: Counts
    bytes: int = 0


def write_records(connection: Connection, batch: RecordBatch, spelling: Spelling) -> Written:
    """Write a batch as the port's `Unit.write_records` says, in a few statements whatever is in it.

    Equal means the same key and the same JSON text.
    """
    if not batch.records:
        return Written(Counts())
    check_storable(batch)
    latest = incoming(batch)
    asked = {
        "connection": batch.connection_id,
        "of_stream": batch.stream,
        "fingerprints": json_text([write.fingerprint for write in latest.values()]),
    }
    stored: dict[str, _Stored] = {
        row.record_id: row for row in connection.execute(spelling.stored_records, asked)
    }
    live = {record_id: row for record_id, row in stored.items() if not row.deleted}
    bit = 1 << batch.path
    work = _sort(latest.values(), live, bit, batch.outright)
    if work.seen_again:
        connection.execute(_see, {"positions": json_text(work.seen_again), "bit": bit})
    if work.withdrawn:
        connection.execute(_unsee, {"positions": json_text(work.withdrawn), "others": ~bit})
    if work.unchanged and batch.refreshing:
        connection.execute(_meet, {"positions": json_text(work.unchanged), "batch": batch.batch_id})
    changed = [*work.upserts, *work.deletes]
    replaced = [_replacing(stored[write.record_id], write) for write in changed if write.record_id in stored]
    if replaced:
        connection.execute(_supersede, {"positions": json_text([each.position for each in replaced])})
        for deleted in (False, True):
            if some := [each for each in replaced if (each.data is None) is deleted]:
                spelling.replace_records(connection, values_of(batch, deleted), some)
    if added := [write for write in work.upserts if write.record_id not in stored]:
        spelling.add_records(connection, values_of(batch, gone=False), added)
    updated = sum(write.record_id in live for write in work.upserts)
    grown = sum(_size(write.data) for write in work.upserts)
    gone = sum(_size(live[write.record_id].data) for write in changed if write.record_id in live)
    counts = Counts(accepted=len(work.upserts), updated=updated, deleted=len(work.deletes))
    return Written(counts, grown - gone)


def _replacing(stored: _Stored, write: Incoming) -> Replacing:
    return Replacing(
        write.record_id, write.key, write.data, write.emitted_at, write.fingerprint, stored.position
    )


def _size(data: str | None) -> int:
    if data is None:
        return 0
    return len(data) if data.isascii() else len(data.encode())


def _sort(writes: Iterable[Incoming], live: dict[str, _Stored], bit: int, outright: bool) -> _Sorted:
    work = _Sorted([], [], [], [], [])
    for write in writes:
        stored = live.get(write.record_id)
        if write.data is None:
            _sort_delete(work, write, stored, bit, outright)
        elif stored is None or (stored.data, stored.key) != (write.data, write.key):
            work.upserts.append(write)
        else:
            work.unchanged.append(stored.position)
            if not stored.seen_by & bit:
                work.seen_again.append(stored.position)
    return work


def _sort_delete(work: _Sorted, write: Incoming, stored: _Stored | None, bit: int, outright: bool) -> None:
    """A delete takes away what its path has seen, and the record with it where nobody else has seen it."""
    if stored is None:
        return
    if outright or not stored.seen_by & ~bit:
        work.deletes.append(write)
    elif stored.seen_by & bit:
        work.withdrawn.append(stored.position)
