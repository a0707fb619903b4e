"""Hosts that read or tell the sizes of connections wrongly: CS-03, and what CS-06.1 says of the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from pdpp_host.arguments import RecordQuery, RunsQuery, SummaryQuery
from pdpp_host.domain.evidence import EvidenceRow, Retained
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import Adapt, breaks, legal
from pdpp_plugins.mutants.snapshots import Behind, spoilt

Rows = list[EvidenceRow]
_EVERY = "statements at 30 connections"
_ALONE = "one number of rows and statements for alone"


def listing(change: Callable[[Any, SummaryQuery, Rows], Rows]) -> Adapt:
    """Services whose snapshots change the rows of the read model; `change` is given the real snapshot."""

    class Changed(Behind):
        def summary_rows(self, query: SummaryQuery) -> Rows:
            """The rows, changed."""
            return change(self.real, query, self.real.summary_rows(query))

    return lambda services: spoilt(services, Changed)


@breaks("CS-03.1/T1", _EVERY)
@breaks("CS-06.1/T1", _EVERY)
@breaks("CS-06/at-scale/T1", _EVERY)
def asks_sizes_of_each(services: Services) -> Services:
    """The list reads the sizes of one connection after the other."""

    def change(view: Any, query: SummaryQuery, rows: Rows) -> Rows:
        if query.connection_id is not None:
            return rows
        return [view.summary_rows(SummaryQuery(row.connection_id))[0] for row in rows]

    return listing(change)(services)


@breaks("CS-03.1/T1", _EVERY)
@breaks("CS-06.1/T1", _EVERY)
def counts_each(services: Services) -> Services:
    """The list counts the records of one connection after the other."""

    def change(view: Any, query: SummaryQuery, rows: Rows) -> Rows:
        if query.connection_id is not None:
            return rows
        return [_with(row, _counted(view, row.connection_id)) for row in rows]

    return listing(change)(services)


@breaks("CS-03.1/T1", "rows at 3 connections")
@breaks("CS-06.1/T2", "rows at 3 connections")
def reads_records_to_count(services: Services) -> Services:
    """The list reads all records of all connections in one statement, and counts them itself."""

    def change(view: Any, query: SummaryQuery, rows: Rows) -> Rows:
        if query.connection_id is None:
            every = tuple(row.connection_id for row in rows)
            for stream in sorted({kept.stream for row in rows for kept in row.retained}):
                view.records(RecordQuery(stream, every, limit=1_000_000))
        return rows

    return listing(change)(services)


@breaks("CS-06.1/T2", "rows at 30 connections")
def reads_runs_for_the_list(services: Services) -> Services:
    """The list reads twenty runs of each connection that the evidence row has told of already."""

    def change(view: Any, query: SummaryQuery, rows: Rows) -> Rows:
        if query.connection_id is None:
            for row in rows:
                view.runs_of(RunsQuery(row.connection_id))
                view.batches(row.connection_id)
                view.paths(row.connection_id)
        return rows

    return listing(change)(services)


@breaks("CS-03.1/T2", "5 records retained of 'first'")
@breaks("CS-03/one-function/T1", "5 records retained of 'first'")
def adds_sizes_by_stream(services: Services) -> Services:
    """Sizes are added by stream alone: those of a sibling with the same stream are added too."""

    def change(view: Any, query: SummaryQuery, rows: Rows) -> Rows:
        by_stream: dict[str, tuple[int, int]] = {}
        for row in view.summary_rows(SummaryQuery()):
            for kept in row.retained:
                records, size = by_stream.get(kept.stream, (0, 0))
                by_stream[kept.stream] = records + kept.records, size + kept.bytes
        return [
            _with(row, tuple(Retained(kept.stream, *by_stream[kept.stream]) for kept in row.retained))
            for row in rows
        ]

    return listing(change)(services)


@breaks("CS-03/one-function/T1", "equal fields of 'first' in list and scoped read")
def lists_by_another_function(services: Services) -> Services:
    """The list makes its rows without the runs, and so comes to another health than the scoped read."""

    def change(view: Any, query: SummaryQuery, rows: Rows) -> Rows:
        return rows if query.connection_id is not None else [_without_runs(row) for row in rows]

    return listing(change)(services)


@breaks("CS-03.1/T2", "records retained of")
@breaks("CS-03/one-function/T1", "5 records retained of 'first'")
def joins_sizes_by_place(services: Services) -> Services:
    """Sizes are put to rows by their places, and the two lists are not sorted alike."""

    def change(view: Any, query: SummaryQuery, rows: Rows) -> Rows:
        sizes = [row.retained for row in reversed(rows)]
        return [_with(row, kept) for row, kept in zip(rows, sizes, strict=True)]

    return listing(change)(services)


@breaks("CS-03.2/T1", _ALONE)
@breaks("CS-06/at-scale/T2", _ALONE)
def resolves_among_all(services: Services) -> Services:
    """A read of one connection reads all connections to find it."""

    def change(view: Any, query: SummaryQuery, rows: Rows) -> Rows:
        if query.connection_id is not None:
            known = {each.connection_id for each in view.connections()}
            return [row for row in rows if row.connection_id in known]
        return rows

    return listing(change)(services)


@breaks("CS-03.2/T2", _ALONE)
def needs_all_sizes(services: Services) -> Services:
    """A read of one connection takes its row from those of all."""

    class FromAll(Behind):
        def summary_rows(self, query: SummaryQuery) -> Rows:
            """All rows, of which one is kept."""
            every: Rows = self.real.summary_rows(msgspec.structs.replace(query, connection_id=None))
            return [row for row in every if query.connection_id in (None, row.connection_id)]

    return spoilt(services, FromAll)


@legal("CS-03.1", "CS-03/one-function")
def reads_in_chunks(services: Services) -> Services:
    """The list reads evidence and sizes of ten connections at a time."""

    class Chunked(Behind):
        def summary_rows(self, query: SummaryQuery) -> Rows:
            """Rows of the whole list, chunk by chunk."""
            if query.connection_id is not None or query.limit is not None:
                found: Rows = self.real.summary_rows(query)
                return found
            rows: Rows = []
            for last in [None, *self.real.connections()[9::10]]:
                after = query.after if last is None else (last.created_at, last.connection_id)
                rows += self.real.summary_rows(SummaryQuery(after=after, limit=10))
            return rows

    return spoilt(services, Chunked)


def _counted(view: Any, connection_id: str) -> tuple[Retained, ...]:
    return tuple(Retained(each.stream, each.records, each.bytes) for each in view.recounted(connection_id))


def _with(row: EvidenceRow, retained: tuple[Retained, ...]) -> EvidenceRow:
    return msgspec.structs.replace(row, retained=retained)


def _without_runs(row: EvidenceRow) -> EvidenceRow:
    if row.evidence is None:
        return row
    shallow = msgspec.structs.replace(row.evidence, last_run=None, last_successful_run=None, captured_at=None)
    return msgspec.structs.replace(row, evidence=shallow)
