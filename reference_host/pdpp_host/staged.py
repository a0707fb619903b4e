"""A storage that a stage may break, hold and watch; without a stage nothing of this is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock
from typing import Any, Literal

from pdpp_host.arguments import RunsQuery, SummaryQuery
from pdpp_host.domain.entities import Run
from pdpp_host.domain.evidence import EvidenceRow, Liveness
from pdpp_host.ports import Storage, StorageError
from pdpp_host.tracing import Traces

Broken = Literal["history", "evidence"]
_PATIENCE = 60.0


class Stage:
    """What a stage has done to a host: what is broken, held, denied, and what is said to be alive."""

    def __init__(self) -> None:
        self.traces = Traces()
        self.liveness: dict[str, Liveness] = {}
        self.denied = False
        self.projections = 0
        self._broken: set[tuple[Broken, str]] = set()
        self._held = self._failing = False
        self._gate = Condition(Lock())

    def broken(self, what: Broken, connection_id: str, broken: bool) -> None:
        """Have a part of a connection fail, or whole again."""
        (self._broken.add if broken else self._broken.discard)((what, connection_id))

    def hold(self, held: bool, failing: bool) -> None:
        """Hold looks at the whole read model as soon as their snapshot is open, or let them go, or fail."""
        with self._gate:
            self._held, self._failing = held, failing
            self._gate.notify_all()

    def check(self, what: Broken, connection_id: str) -> None:
        """Raises where this is broken."""
        if (what, connection_id) in self._broken:
            if what == "history":
                raise StorageError(f"the stage has broken the run history of {connection_id!r}")
            raise BrokenEvidence(f"the stage has broken the evidence of {connection_id!r}")

    def pass_gate(self) -> None:
        """Wait until nothing is held, with a patience of a minute; raises where what was held must fail."""
        with self._gate:
            self.projections += 1
            held = self._held
            self._gate.wait_for(lambda: not self._held, _PATIENCE)
            if held and self._failing:
                raise StorageError("the stage has made a look fail that it held")


class BrokenEvidence(StorageError):
    """A connection's evidence cannot be folded."""


class StagedStorage:
    """A storage in front of which a stage stands."""

    def __init__(self, storage: Storage, stage: Stage) -> None:
        self._storage, self._stage = storage, stage
        observe = getattr(storage, "observe", None)
        if observe is not None:
            observe(stage.traces.count)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    @contextmanager
    def read(self) -> Iterator[Any]:
        """A snapshot, some of whose answers the stage spoils."""
        with self._storage.read() as view:
            yield _StagedView(view, self._stage)

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A transaction to write in; a StorageError while the stage denies them."""
        if self._stage.denied:
            raise StorageError("the stage denies every write")
        with self._storage.write() as unit:
            yield unit

    @contextmanager
    def try_write(self) -> Iterator[Any]:
        """The same, or None."""
        if self._stage.denied:
            yield None
            return
        with self._storage.try_write() as unit:
            yield unit


class _StagedView:
    """A snapshot in front of which a stage stands."""

    def __init__(self, view: Any, stage: Stage) -> None:
        self._view, self._stage = view, stage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def runs_of(self, query: RunsQuery) -> list[tuple[int, Run]]:
        """The run history, unless it is broken."""
        self._stage.check("history", query.connection_id)
        found: list[tuple[int, Run]] = self._view.runs_of(query)
        return found

    def profile_keys(self, connection_id: str) -> tuple[str, ...]:
        """What every fold asks first, unless the evidence is broken."""
        self._stage.check("evidence", connection_id)
        found: tuple[str, ...] = self._view.profile_keys(connection_id)
        return found

    def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
        """Rows of the read model; a look at all of them waits while it is held."""
        found: list[EvidenceRow] = self._view.summary_rows(query)
        if query.connection_id is None:
            self._stage.pass_gate()
        return found
