"""What must hold of a database whose host has died, whatever it was doing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from pdpp_host.arguments import RecordQuery, RunsQuery
from pdpp_host.domain import entities
from pdpp_host.ports import View
from pdpp_plugins.storage.schema import record_history
from pdpp_plugins.storage.sql_storage import SqlStorage

from .histories import CONNECTIONS, STREAMS, Collecting, History

Log = Sequence[tuple[Any, ...]]
"""What the lives of a host told, in order, and `("died",)` after each; `("was", run_id)` where a run that was
not acknowledged turned out to be there."""

ENDS = frozenset({"run.completed", "run.failed", "run.cancelled", "run.surface_failed"})

_USUAL = {
    "succeeded": ("completed", None),
    "failed": ("failed", "connector_reported_failed"),
    "gone": ("failed", "connector_exit_without_done"),
    "foreign": ("failed", "connector_protocol_violation"),
}


@dataclass
class Kept:
    """What a path of a connection should have: rows by stream and key, tombstones among them; cursors."""

    rows: dict[tuple[str, str], str | None] = field(default_factory=dict)
    cursors: dict[str, dict[str, int]] = field(default_factory=dict)
    superseded: int = 0

    def put(self, name: tuple[str, str], data: str | None) -> None:
        """Write or delete one; equal data and a delete of nothing change nothing."""
        if self.rows.get(name) != data:
            self.superseded += name in self.rows
            self.rows[name] = data


def check(storage: SqlStorage, history: History, log: Log, *, settled: bool = False) -> list[str]:
    """Hold a database against what was acknowledged; the runs that nobody had acknowledged.

    Raises AssertionError. `settled` says that a host has come back since and has ended what was left.
    """
    told = Told(history, log)
    with storage.read() as view:
        for connection_id in CONNECTIONS:
            _connection(view, told, connection_id, settled)
        versions = view._rows(select(func.count()).select_from(record_history))[0][0]  # type: ignore[attr-defined]
        assert versions == told.superseded, f"{versions} rows of history and not {told.superseded}"
        leases = {lease.run_id for lease in view.leases()}
        # An import has its lease before it has a run.
        assert not settled or not leases, f"a lease is held: {leases}"
    return told.found


class Told:
    """A log read: which step each run is of, what it wrote for certain, and the name of each connection."""

    def __init__(self, history: History, log: Log) -> None:
        self._history = history
        self.steps: dict[str, Collecting] = {}
        self.wrote: dict[str, int] = {}
        self.ended: dict[str, str] = {}
        self.names: dict[str, set[str]] = {each: {each} for each in CONNECTIONS}
        self.found: list[str] = []
        self.superseded = 0
        self._open: Collecting | None = None
        for kind, *rest in log:
            getattr(self, f"_{kind}", lambda *_: None)(*rest)

    def step_of(self, run: entities.Run) -> Collecting:
        """The step that started a run; the one that was under way where nobody was told of the run."""
        if run.run_id not in self.steps:
            assert self._open is not None, f"a run that nobody asked for: {run}"
            asked = (self._open.connection, self._open.path)
            assert (run.connection_id, run.path) == asked, f"a run that nobody asked for: {run}"
            self.found.append(run.run_id)
            self._was(run.run_id)
        return self.steps[run.run_id]

    def _begin(self, number: int, _: int) -> None:
        step = self._history.steps[number]
        self._open = step if isinstance(step, Collecting) else None
        if not isinstance(step, Collecting) and hasattr(step, "connection"):
            self.names[step.connection].add(step.name)

    def _done(self, number: int, _: int) -> None:
        step = self._history.steps[number]
        if not isinstance(step, Collecting) and hasattr(step, "connection"):
            self.names[step.connection] = {step.name}

    def _run(self, run_id: str) -> None:
        self._was(run_id)

    def _was(self, run_id: str) -> None:
        assert self._open is not None
        # An artifact that was imported before is known again, and has that run.
        self.steps.setdefault(run_id, self._open)
        self._open = None

    def _wrote(self, batch_id: str) -> None:
        self.wrote[batch_id] = self.wrote.get(batch_id, 0) + 1

    def _ended(self, run_id: str, status: str) -> None:
        self.ended[run_id] = status


def _connection(view: View, told: Told, connection_id: str, settled: bool) -> None:
    connection = view.connection(connection_id)
    if connection is None:
        return
    assert connection.display_name in told.names[connection_id], f"{connection.display_name!r} was not given"
    kept = [Kept(), Kept()]
    for _, run in reversed(view.runs_of(RunsQuery(connection_id, limit=1000))):
        _run(view, told, kept[run.path], run, settled)
    for stream in STREAMS:
        there = view.records(RecordQuery(stream, (connection_id,), limit=1000))
        found = sorted((record.key, _text(record.data)) for record in there)
        due = sorted(
            (key, data) for path in kept for (of, key), data in path.rows.items() if of == stream and data
        )
        assert found == due, f"{connection_id}/{stream} has {found} and not {due}"
    for ordinal, path in enumerate(kept):
        cursors = view.stream_state(connection_id, ordinal)
        assert cursors == path.cursors, (
            f"path {ordinal} of {connection_id} is at {cursors}, not {path.cursors}"
        )
    told.superseded += sum(path.superseded for path in kept)


def _run(view: View, told: Told, kept: Kept, run: entities.Run, settled: bool) -> None:
    step, events = told.step_of(run), view.timeline(run.run_id)
    kinds = [event.event_type for event in events]
    written = [event.data for event in events if event.event_type == "batch_ingested"]
    batches = [event for event in written if not event.get("reconciled")]
    acknowledged = told.wrote.get(run.batch_id, 0)
    assert acknowledged <= len(batches), f"{acknowledged} batches were acknowledged: {kinds}"
    assert len(batches) <= acknowledged + 1, f"only {acknowledged} batches were acknowledged: {kinds}"
    assert kinds[0] == "run.started", kinds
    ends = [kind for kind in kinds if kind in ENDS]
    assert ends == ([] if run.status == "active" else [f"run.{run.status}"]), f"{run.status}: {kinds}"
    assert ends in ([], kinds[-1:]), f"something came after the end: {kinds}"
    assert not settled or ends, f"a run goes on for ever: {kinds}"
    assert told.ended.get(run.run_id, run.status) == run.status, "a run has ended otherwise since"
    _write(kept, step, [event["parsed"] for event in batches])
    if run.status == "completed":
        parsed, said = (
            sum(event["parsed"] for event in batches),
            sum(len(each.writes) for each in step.batches),
        )
        assert parsed == said, f"{parsed} records were written of {said}"
        _complete(kept, step)
    if ends:
        _ending(view, run, step, written)


def _ending(view: View, run: entities.Run, step: Collecting, written: list[dict[str, Any]]) -> None:
    assert (run.status, run.terminal_reason) in (_USUAL[step.end], ("failed", "host_stopped")), run
    batch = view.batch(run.connection_id, run.batch_id)
    assert batch is not None, "a run has no batch"
    assert batch.counts is not None, "a run that ended has no receipt"
    accepted = sum(each["accepted"] + each["deleted"] for each in written if not each.get("reconciled"))
    assert batch.counts.accepted == accepted, (
        f"the receipt tells of {batch.counts}, the timeline of {written}"
    )
    assert run.records.accepted == sum(each["accepted"] for each in written), run
    committed = run.checkpoint == "committed"
    assert committed == (run.status == "completed" and not step.imported), run


def _write(kept: Kept, step: Collecting, sizes: list[int]) -> None:
    """Write as many of a step's writes as were committed; in each batch the last write of a record wins."""
    writes = iter([write for batch in step.batches for write in batch.writes])
    for size in sizes:
        batch = list(islice(writes, size))
        assert len(batch) == size, f"batches of {sizes} were written of {step}"
        for name, data in {(stream, key): data for stream, key, data in batch}.items():
            kept.put(name, data)


def _complete(kept: Kept, step: Collecting) -> None:
    """The last transaction of a run that succeeded: cursors, and what a refresh did not meet is gone."""
    if step.refreshing:
        met = {
            (stream, key) for batch in step.batches for stream, key, data in batch.writes if data is not None
        }
        for name in set(kept.rows) - met:
            if kept.rows[name] is not None:
                kept.put(name, None)
    if not step.imported:
        cursors = [batch.cursor for batch in step.batches if batch.cursor is not None]
        kept.cursors |= {stream: {"n": number} for stream, number in cursors}


def _text(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"))
