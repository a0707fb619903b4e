"""A run's batches: one is written while the next one fills."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain.entities import Counts, RecordWrite
from pdpp_host.ports import Unit
from pdpp_host.runtime.planning import Plan
from pdpp_host.runtime.receipts import ingested
from pdpp_host.runtime.recovery import is_over
from pdpp_host.runtime.spine import happened
from pdpp_host.services import Services

BATCH, LARGEST = 1000, 20_000
"""A batch of so many records is written as soon as the one before it is; at the most it grows to so many."""
BATCH_BYTES, GROWING_BYTES = 8 * 1024 * 1024, 2 * 1024 * 1024
"""It is never larger than that, and grows no further than this, for there are two of them at once."""

_log = logging.getLogger(__name__)


class RunOver(Exception):
    """The run was ended by somebody else: nothing of it is written any more."""


@dataclass(slots=True)
class _Filling:
    writes: dict[str, list[RecordWrite]] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    parsed: int = 0
    bytes: int = 0

    @property
    def full(self) -> bool:
        """Whether there is a batch of whole thousands, or as many bytes as a batch may hold."""
        return self.parsed % BATCH == 0 or self.bytes >= BATCH_BYTES

    @property
    def enough(self) -> bool:
        return self.parsed >= BATCH or len(self.events) >= BATCH

    @property
    def largest(self) -> bool:
        return self.parsed >= LARGEST or self.bytes >= GROWING_BYTES or len(self.events) >= LARGEST


class Batches:
    """What a run has to write, in order; nothing is held that a slow storage would let grow.

    Lines are decoded while storage writes, and a larger batch costs it less for each record (decision 0028).
    """

    def __init__(self, services: Services, plan: Plan) -> None:
        self._services, self._plan = services, plan
        self._filling = _Filling()
        self._writer: ThreadPoolExecutor | None = None
        self._writing: tuple[_Filling, Future[Counts]] | None = None
        self.written = Counts()
        self.parsed = 0
        """How many records have been written down, whatever that changed."""

    def add(self, stream: str, writes: Iterable[RecordWrite], size: int) -> None:
        """Add one record's writes, of `size` bytes; StorageError or RunOver for an earlier batch."""
        filling = self._filling
        filling.writes.setdefault(stream, []).extend(writes)
        filling.parsed += 1
        filling.bytes += size
        if filling.full:
            self._hand_over()

    def note(self, event: str, data: dict[str, Any]) -> None:
        """Add an event to the run's timeline, with the next batch; raises as `add` does."""
        self._filling.events.append((event, data))
        if len(self._filling.events) % BATCH == 0:
            self._hand_over()

    def look(self) -> None:
        """Have written what a busy writer let grow, where it is free by now; raises as `add` does."""
        if self._filling.enough and not self._busy():
            self._hand_over()

    def flush(self) -> None:
        """Return when everything is written; StorageError or RunOver where it is not."""
        self._settle()
        filling = self._filling
        if filling.parsed or filling.events:
            self._count(filling, self._write(filling))
            self._filling = _Filling()

    def close(self) -> None:
        """Wait for what is being written, so that nothing is written after the run's end."""
        try:
            self._settle()
        except Exception as error:
            # The run has failed of something else by now.
            _log.error("run %s: %s", self._plan.run.run_id, error)
        if self._writer is not None:
            self._writer.shutdown()

    def _hand_over(self) -> None:
        """Have what is full written; while the writer is busy it may grow, and then it has to wait."""
        if self._busy() and not self._filling.largest:
            return
        self._settle()
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, f"{self._plan.run.run_id} writes")
        full, self._filling = self._filling, _Filling()
        self._writing = full, self._writer.submit(self._write, full)

    def _busy(self) -> bool:
        return self._writing is not None and not self._writing[1].done()

    def _settle(self) -> None:
        if self._writing is not None:
            (full, done), self._writing = self._writing, None
            self._count(full, done.result())

    def _count(self, full: _Filling, written: Counts) -> None:
        self.written += written
        self.parsed += full.parsed

    def _write(self, full: _Filling) -> Counts:
        """Write records, the batch's counts and the events so far, in one transaction."""
        run, now, events = self._plan.run, self._services.clock.now(), full.events
        with self._services.storage.write() as unit:
            if is_over(unit, run.run_id):
                raise RunOver
            written = self._records(unit, full)
            if full.parsed:
                events = [*events, ("batch_ingested", ingested(written, full.parsed))]
            unit.append([happened(run, now, event, data) for event, data in events])
            unit.commit()
        return written

    def _records(self, unit: Unit, full: _Filling) -> Counts:
        run, now = self._plan.run, self._services.clock.now()
        written = Counts()
        for stream, records in full.writes.items():
            batch = RecordBatch(
                run.connection_id,
                run.path,
                stream,
                run.batch_id,
                now,
                tuple(records),
                refreshing=stream in self._plan.claimed,
            )
            written += unit.write_records(batch)
        return written
