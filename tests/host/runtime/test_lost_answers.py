"""Commits whose answers never come, storage that is away, and what a host sees to by itself."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from pdpp_host.arguments import RunsQuery
from pdpp_host.compose import Host
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import Storage, StorageError
from pdpp_host.runtime import tending
from pdpp_host.runtime.controller import Controller
from pdpp_host.runtime.imports import ImportWanted
from pdpp_host.runtime.recovery import end_left

from ..houses import House, done, record
from .stuck import stuck, wait_for
from .test_recovery import lease, other

STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}
ENDS = {"run.completed", "run.failed", "run.cancelled"}
COMMITS = 4
"""Of a run with two batches: its beginning, each batch, its end."""

Lost = Literal["kept", "not kept", "away"]


class LosesAnswers:
    """A storage that loses the answer to commit number `at`: kept, not kept, or it is away from then on."""

    def __init__(self, storage: Storage) -> None:
        self.name, self.version = storage.name, storage.version
        self._storage = storage
        self.at: int | None = None
        self.how: Lost = "kept"
        self.writes = 0

    def read(self) -> Any:
        return self._storage.read()

    @contextmanager
    def write(self) -> Iterator[Any]:
        self.writes += 1
        with self._storage.write() as unit:
            yield _Unit(unit, self)

    def close(self) -> None:
        self._storage.close()

    def lost(self, commit: Callable[[], None]) -> None:
        if self.at is None:
            return commit()
        self.at -= 1
        if self.at > 0:
            return commit()
        if self.how == "kept":
            commit()
        self.at = 1 if self.how == "away" else None
        raise StorageError("the server is gone")


class _Unit:
    def __init__(self, unit: Any, storage: LosesAnswers) -> None:
        self._unit, self._storage = unit, storage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    def commit(self) -> None:
        self._storage.lost(self._unit.commit)


def losing(house: House) -> LosesAnswers:
    """The same house on a storage that can lose answers."""
    storage = LosesAnswers(house.host.services.storage)
    services = dataclasses.replace(house.host.services, storage=storage)
    house.host.controller.close()
    house.host = Host(services, Controller(services))
    return storage


def runs(house: House, connection: str) -> list[Any]:
    with house.host.services.storage.read() as view:
        return [run for _, run in view.runs_of(RunsQuery(connection))]


def check_laws(house: House, connection: str, cursor: dict[str, Any]) -> None:
    """Each run has its end once and last, tells what it wrote, and no lease is held."""
    assert house.leases() == []
    with house.host.services.storage.read() as view:
        for run in runs(house, connection):
            events = view.timeline(run.run_id)
            assert [e.event_type for e in events if e.event_type in ENDS] == [f"run.{run.status}"]
            assert events[-1].event_type == f"run.{run.status}"
            written = [e.data for e in events if e.event_type == "batch_ingested"]
            assert run.records.accepted == sum(each["accepted"] for each in written)
            batch = view.batch(connection, run.batch_id)
            assert batch is not None
            assert (batch.status, batch.counts.accepted) == (run.status, run.records.accepted)
            assert (run.checkpoint == "committed") == (run.status == "completed")
        told = sum(run.records.accepted - run.records.updated for run in runs(house, connection))
    assert told == len(house.stored(connection))
    completed = any(run.status == "completed" for run in runs(house, connection))
    assert house.cursors(connection) == (cursor if completed else {})


@pytest.mark.parametrize("how", ["kept", "not kept", "away"])
@pytest.mark.parametrize("at", range(1, COMMITS + 1))
def test_a_commit_whose_answer_is_lost(house: House, at: int, how: Lost) -> None:
    """Whichever commit of a run it is, and whether it was kept or not: the run ends once."""
    storage = losing(house)
    connection = house.connect(house.plays(record("a"), STATE, record("b"), done(2)))
    storage.at, storage.how = at, how
    if at == 1:
        with pytest.raises(StorageError):
            house.start(connection)
    else:
        house.ended(house.start(connection))
    if how == "away":
        house.host.controller.tend()
        assert house.leases() == ([] if at == 1 else [run.run_id for run in runs(house, connection)])
    storage.at = None
    house.host.controller.tend()
    check_laws(house, connection, {"notes": {"n": 1}})
    ended = [(run.status, run.terminal_reason) for run in runs(house, connection)]
    if at == 1:
        assert ended == ([("failed", "storage_failed")] if how == "kept" else [])
    elif at == COMMITS and how == "kept":
        assert ended == [("completed", None)]
    else:
        assert ended == [("failed", "storage_failed")]
    assert house.run(connection).status == "completed"
    check_laws(house, connection, {"notes": {"n": 1}})


@pytest.mark.parametrize("how", ["kept", "not kept", "away"])
@pytest.mark.parametrize("at", [1, 2])
def test_an_import_whose_answer_is_lost(house: House, at: int, how: Lost) -> None:
    """A lease that was reserved for an artifact, and the run that began over it, do not stay either."""
    storage = losing(house)
    connection = house.connect(house.plays(record("a"), done(1)), method="owner_artifact")
    storage.at, storage.how = at, how
    with pytest.raises(StorageError):
        imported(house, connection)
    storage.at = None
    house.host.controller.tend()
    check_laws(house, connection, {})
    assert house.ended(imported(house, connection)).status == "completed"


def imported(house: House, connection: str) -> str:
    """The run of an artifact that was sent."""
    receiving = house.host.imports.begin(connection, ImportWanted("x"))
    receiving.write(b"bytes")
    return receiving.finish().run_id


def test_an_aborted_import_gives_its_lease_back_later(house: House) -> None:
    """Where storage is away when an upload is broken off, the lease is given back when it is there again."""
    storage = losing(house)
    connection = house.connect(house.plays(done(0)), method="owner_artifact")
    receiving = house.host.imports.begin(connection, ImportWanted("x"))
    storage.at, storage.how = 1, "away"
    receiving.abort()
    with pytest.raises(RequestRefused, match="under way"):
        house.start(connection)
    storage.at = None
    house.host.controller.tend()
    assert house.leases() == []


def test_nothing_is_written_where_nothing_is_wrong(house: House) -> None:
    """A host that looks after an untroubled database writes nothing."""
    storage = losing(house)
    connection, flag = stuck(house)
    run_id = house.start(connection)
    wait_for(flag)
    before = storage.writes
    house.host.controller.tend()
    assert storage.writes == before
    assert house.shown(run_id).status == "active"
    house.host.controller.close()


def test_a_run_that_was_ended_elsewhere_stops(house: House) -> None:
    """A run whose owner ended it through a host that knows nothing of this one is cut, and ends once."""
    connection, flag = stuck(house)
    run_id = house.start(connection)
    wait_for(flag)
    elsewhere(house, run_id)
    house.host.controller.tend()
    run = house.ended(run_id)
    assert (run.status, run.terminal_reason) == ("cancelled", "owner_cancelled")
    assert [each for each in house.events(run_id) if each in ENDS] == ["run.cancelled"]


def elsewhere(house: House, run_id: str) -> None:
    """A host of another machine ends a run at its owner's word: it does not know this one."""
    with house.host.services.storage.write() as unit:
        [held] = [each for each in unit.leases() if each.run_id == run_id]
        end_left(house.host.services, unit, held, "cancelled", "owner_cancelled")
        unit.commit()


def test_a_late_end_is_no_second_one(house: House, tmp_path: Path) -> None:
    """A run that goes on after it was ended elsewhere keeps its end: no record more, and no cursor."""
    go = tmp_path / "go"
    program = "hear(); record('a'); say(type='STATE', stream='notes', cursor={}); "
    late = "record('b'); say(type='STATE', stream='notes', cursor={'n': 1}); "
    connection = house.connect(
        house.program(program + f"\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)\n{late}done(2)")
    )
    run_id = house.start(connection)
    while not house.stored(connection):
        time.sleep(0.005)
    elsewhere(house, run_id)
    go.touch()
    run = house.ended(run_id)
    assert (run.status, run.checkpoint) == ("cancelled", "not_committed")
    assert [each for each in house.events(run_id) if each in ENDS] == ["run.cancelled"]
    assert house.events(run_id)[-1] == "run.cancelled"
    assert [*house.stored(connection)] == ["a"]
    assert house.cursors(connection) == {}


def test_a_host_that_serves_tends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a host serves, what a dead one left is ended though nobody asks; its thread ends with it."""
    monkeypatch.setattr(tending, "EVERY_S", 0.01)
    connection = house.connect(house.plays(done(0)))
    with tending.tending(house.host.controller):
        lease(house, connection, "run_old", other(pid=2**22 + 1))
        ends = time.monotonic() + 10
        while house.shown("run_old").status == "active":
            assert time.monotonic() < ends
            time.sleep(0.01)
    assert house.leases() == []
    assert not [each for each in threading.enumerate() if each.name == "tending"]


def test_storage_that_is_away_is_told_once(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A host goes on looking while its storage is away, and does not say so each time."""
    monkeypatch.setattr(tending, "EVERY_S", 0.001)
    looked = threading.Semaphore(0)

    def tend() -> None:
        looked.release()
        raise StorageError("the server is gone")

    monkeypatch.setattr(house.host.controller, "tend", tend)
    with tending.tending(house.host.controller):
        for _ in range(5):
            assert looked.acquire(timeout=10)
    assert [each.getMessage() for each in caplog.records] == [
        "the storage cannot be looked after: the server is gone"
    ]
