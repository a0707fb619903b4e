"""Hosts whose read model is not kept as it ought to be: CS-06."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import msgspec

from pdpp_host.arguments import RecordBatch, SummaryQuery
from pdpp_host.domain.entities import Counts, Gap, Run, SpineEvent
from pdpp_host.domain.evidence import EvidenceRow, RetainedRow
from pdpp_host.ports import Storage, StorageError
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import Wrong, breaks
from pdpp_plugins.mutants.snapshots import Behind, Spoilt, spoilt

Rows = list[EvidenceRow]
_AT_ONCE = "in the list after records"


@breaks("CS-06.1/T1", "statements at 3 connections")
@breaks("CS-06.1/T2", "rows at 30 connections")
def keeps_no_fold(services: Services) -> Services:
    """What a reader folds is thrown away, and every list folds every connection anew."""

    class Forgetting(Spoilt):
        @contextmanager
        def try_write(self) -> Iterator[None]:
            """Never the moment to write."""
            yield None

    return dataclasses.replace(services, storage=Forgetting(services.storage, None, None))


@breaks("CS-06.1/T1", "no write in steady state")
def notes_who_read(services: Services) -> Services:
    """Each list notes in the database when it was read last."""

    class Noting(Behind):
        def summary_rows(self, query: SummaryQuery) -> Rows:
            """The rows, once it is noted."""
            with services.storage.write() as unit:
                now = services.clock.now()
                unit.put_stream_state("", 0, {"read": now.isoformat()}, None, now)
                unit.commit()
            found: Rows = self.real.summary_rows(query)
            return found

    return spoilt(services, Noting)


@breaks("CS-06.2/T1", _AT_ONCE)
def keeps_a_list_for_a_minute(services: Services) -> Services:
    """Rows of the read model are kept for a minute, and what is ingested meanwhile is not seen."""
    kept: dict[bytes, tuple[float, Rows]] = {}

    class Cached(Behind):
        def summary_rows(self, query: SummaryQuery) -> Rows:
            """What was kept, where it is young."""
            asked = msgspec.json.encode(query)
            at, rows = kept.get(asked, (0.0, []))
            if not at or time.monotonic() - at > 60:
                at, rows = time.monotonic(), self.real.summary_rows(query)
                kept[asked] = at, rows
            return rows

    return spoilt(services, Cached)


@breaks("CS-06.2/T2", _AT_ONCE)
def renews_once_a_minute(services: Services) -> Services:
    """Sizes are renewed when the host's clock has moved on by a minute."""
    kept: dict[str, tuple[Any, EvidenceRow]] = {}

    class Renewed(Behind):
        def summary_rows(self, query: SummaryQuery) -> Rows:
            """The rows, with sizes of a minute ago."""
            return [self._of(row) for row in self.real.summary_rows(query)]

        def _of(self, row: EvidenceRow) -> EvidenceRow:
            now = services.clock.now()
            at, old = kept.setdefault(row.connection_id, (now, row))
            if (now - at).total_seconds() > 60:
                kept[row.connection_id] = now, row
                return row
            return msgspec.structs.replace(row, retained=old.retained, last_record_at=old.last_record_at)

    return spoilt(services, Renewed)


def _uncounted(forgotten: Callable[[RecordBatch, Counts], bool]) -> Callable[[Services], Services]:
    """Services whose sizes stay as they were when such a batch is written."""

    class Uncounting(Behind):
        def write_records(self, batch: RecordBatch) -> Counts:
            """The records, and perhaps the sizes as they were."""
            [row] = self.real.summary_rows(SummaryQuery(batch.connection_id))
            counts: Counts = self.real.write_records(batch)
            if forgotten(batch, counts):
                at = row.last_record_at
                rows = [RetainedRow(kept.stream, kept.records, kept.bytes, at) for kept in row.retained]
                self.real.put_retained(batch.connection_id, rows)
            return counts

    return lambda services: spoilt(services, unit=Uncounting)


@breaks("CS-06.2/T1", "in the list after an update of equal number")
def misses_equal_counts(services: Services) -> Services:
    """Where a batch leaves as many records as there were nothing is taken to have changed."""
    return _uncounted(lambda batch, counts: counts.accepted == counts.updated > 0)(services)


@breaks("CS-06.2/T1", "in the list after a delete")
def misses_deletes(services: Services) -> Services:
    """A delete takes nothing away from the sizes."""
    return _uncounted(lambda batch, counts: counts.deleted > 0)(services)


@breaks("CS-06.2/T1", "in the list after records")
def misses_known_streams(services: Services) -> Services:
    """Sizes are kept when a stream's first batch comes, and by no other."""
    return _uncounted(lambda batch, counts: counts.accepted > counts.updated + counts.deleted)(services)


_MARKING = frozenset(
    {
        "put_connector",
        "update_connection",
        "add_path",
        "add_proof",
        "add_run",
        "update_run",
        "put_open_gaps",
        "bind_profile_key",
        "put_schedule",
        "put_surface",
        "mark_dirty",
    }
)


class _Quiet(Behind):
    """A transaction that knows whether it did nothing but what leaves evidence as clean as it was."""

    def __init__(self, real: Any, forgotten: frozenset[str]) -> None:
        super().__init__(real)
        self._forgotten, self._quiet = forgotten, True
        self.clean: Rows = []

    def __getattr__(self, name: str) -> Any:
        self._quiet = self._quiet and (name not in _MARKING or name in self._forgotten)
        return getattr(self.real, name)

    def append(self, events: Sequence[SpineEvent]) -> None:
        """The events; of these only those of a browser surface mark anything."""
        heard = any(event.event_type.startswith("browser_surface.") for event in events)
        self._quiet = self._quiet and (not heard or "append" in self._forgotten)
        self.real.append(events)

    def commit(self) -> None:
        """Keep what was written, and remember what was clean before."""
        if self._quiet:
            self.clean = [row for row in self.real.summary_rows(SummaryQuery()) if not row.maintenance.dirty]
        self.real.commit()


class _Unmarked(Spoilt):
    """A storage in which transactions of these methods alone mark nothing dirty."""

    def __init__(self, real: Any, forgotten: frozenset[str]) -> None:
        super().__init__(real, None, None)
        self._forgotten = forgotten

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A transaction; after it, what nobody marked is clean at the fold that it had."""
        with self.real.write() as unit:
            quiet = _Quiet(unit, self._forgotten)
            yield quiet
        if not quiet.clean:
            return
        with self.real.write() as unit:
            now = {row.connection_id: row.maintenance for row in unit.summary_rows(SummaryQuery())}
            for row in quiet.clean:
                version = now[row.connection_id].version
                unit.keep_fold(row.connection_id, row.evidence, version, row.maintenance.failed)
            unit.commit()


def _unmarked(called: str, says: str, after: str, *methods: str) -> Wrong:
    """A host that does not mark evidence dirty in transactions of these methods alone."""

    def adapt(services: Services) -> Services:
        storage = cast(Storage, _Unmarked(services.storage, frozenset(methods)))
        return dataclasses.replace(services, storage=storage)

    adapt.__name__, adapt.__doc__ = called, says
    return breaks("CS-06/every-change/T1", f"in the list after {after}")(adapt)


does_not_mark_begun_runs = _unmarked(
    "does_not_mark_begun_runs", "A run that began marks nothing dirty.", "a run that began", "add_run"
)
does_not_mark_surfaces = _unmarked(
    "does_not_mark_surfaces",
    "An event of a browser surface marks nothing dirty.",
    "a word of its surface",
    "append",
)
does_not_mark_ended_runs = _unmarked(
    "does_not_mark_ended_runs", "A run that ended marks nothing dirty.", "its end", "update_run"
)
does_not_mark_names = _unmarked(
    "does_not_mark_names", "A connection's new name marks nothing dirty.", "a name", "update_connection"
)
does_not_mark_schedules = _unmarked(
    "does_not_mark_schedules", "A schedule marks nothing dirty.", "a schedule", "put_schedule"
)
does_not_mark_paths = _unmarked(
    "does_not_mark_paths", "A second path marks nothing dirty.", "a path", "add_path", "add_proof"
)


@breaks("CS-06/every-change/T1", "in the list after a gap")
def opens_no_gaps(services: Services) -> Services:
    """Gaps of a run that succeeded are taken for closed."""

    def open_after(before: tuple[Gap, ...], run: Run) -> tuple[Gap, ...]:
        return () if run.status == "completed" else services.open_after(before, run)

    return dataclasses.replace(services, open_after=open_after)


@breaks("CS-06/one-broken/T1", "the list was answered 503")
def stops_at_one_failure(services: Services) -> Services:
    """A question that failed spoils its snapshot, as it does a transaction, and the list with it."""

    class Aborted(Behind):
        aborted = False

        def profile_keys(self, connection_id: str) -> tuple[str, ...]:
            """The keys; a failure is remembered."""
            self.aborted, before = True, self.aborted
            found: tuple[str, ...] = self.real.profile_keys(connection_id)
            self.aborted = before
            return found

        def leases(self) -> Any:
            """The leases, unless something failed before."""
            if self.aborted:
                raise StorageError("the transaction is aborted")
            return self.real.leases()

    return spoilt(services, Aborted)


@breaks("CS-06/one-broken/T1", "not healthy")
def tells_what_was_known(services: Services) -> Services:
    """A connection whose evidence could not be made anew is told from what was known before."""

    def synthesise(row: EvidenceRow, *more: Any) -> Any:
        known = msgspec.structs.replace(row.maintenance, failed=None)
        return services.synthesise(msgspec.structs.replace(row, maintenance=known), *more)

    return dataclasses.replace(services, synthesise=synthesise)
