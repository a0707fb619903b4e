"""Runs that end well and runs that do not; the lease always comes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pdpp_host.compose import Host
from pdpp_host.domain.entities import Counts
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.hookspecs import hookimpl
from pdpp_host.ports import Storage, StorageError, Unit
from pdpp_host.runtime.controller import Controller
from pdpp_host.services import Services

from ..houses import House, a_house, done, record
from .stuck import stuck, wait_for

STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}


class FailingStorage:
    """A storage whose every write raises while `wrong` says so, and otherwise the one behind it."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.name, self.version = storage.name, storage.version
        self.wrong = False

    def read(self) -> Any:
        return self._storage.read()

    @contextmanager
    def write(self) -> Iterator[Unit]:
        if self.wrong:
            raise StorageError("disk full")
        with self._storage.write() as unit:
            yield unit

    def close(self) -> None:
        self._storage.close()


class Adapts:
    """A plugin that adapts the host's services by one function."""

    def __init__(self, **changes: Any) -> None:
        self._changes = changes

    @hookimpl
    def adapt_services(self, services: Services) -> Services:
        return dataclasses.replace(services, **self._changes)


def with_failing_storage(house: House) -> FailingStorage:
    failing = FailingStorage(house.host.services.storage)
    services = dataclasses.replace(house.host.services, storage=failing)
    house.host.controller.close()
    house.host = Host(services, Controller(services))
    return failing


def test_a_run_that_ends_well(house: House) -> None:
    """Records stored and counted, cursor committed, lease back, events in order, run.* last."""
    connection = house.connect(house.plays(record("a"), record("b"), STATE, record("a", n=2), done(3)))
    run = house.run(connection)
    assert (run.status, run.terminal_reason, run.checkpoint) == ("completed", None, "committed")
    assert run.records == Counts(accepted=3, updated=1)
    assert house.stored(connection) == {"a": {"id": "a", "n": 2}, "b": {"id": "b"}}
    assert house.cursors(connection) == {"notes": {"n": 1}}
    assert house.leases() == []
    assert house.events(run.run_id) == [
        "run.started",
        "batch_ingested",
        "state_staged",
        "batch_ingested",
        "state_advanced",
        "run.completed",
    ]


@pytest.mark.parametrize(
    ("lines", "exit_status", "status", "reason"),
    [
        ([record("a"), STATE, done(1, "failed")], 1, "failed", "connector_reported_failed"),
        ([record("a"), STATE, done(1, "cancelled")], 1, "cancelled", "connector_reported_cancelled"),
        ([record("a"), STATE], 0, "failed", "connector_exit_without_done"),
        ([record("a"), STATE, done(1)], 2, "failed", "connector_protocol_violation"),
    ],
)
def test_ends_that_commit_nothing(
    house: House, lines: list[Any], exit_status: int, status: str, reason: str
) -> None:
    """A run that did not end well keeps its records and commits no cursor."""
    connection = house.connect(house.plays(*lines, exit_status=exit_status))
    run = house.run(connection)
    assert (run.status, run.terminal_reason, run.checkpoint) == (status, reason, "not_committed")
    assert list(house.stored(connection)) == ["a"]
    assert house.cursors(connection) == {}
    assert house.leases() == []
    assert house.events(run.run_id)[-1] == f"run.{status}"


def test_a_narrowed_run_withholds(house: House) -> None:
    """A narrowed run's STATE is recorded and withheld; the next run gets the cursor before it."""
    connection = house.connect(
        house.program(
            "s = hear(); say(type='STATE', stream='notes', cursor={'before': s['state'] and 1}); done(0)"
        )
    )
    assert house.run(connection).checkpoint == "committed"
    run = house.run(connection, resources={"notes": ["r"]})
    assert run.checkpoint == "withheld"
    assert house.events(run.run_id)[-2:] == ["state_withheld", "run.completed"]
    assert house.cursors(connection) == {"notes": {"before": None}}


def test_a_record_outside_that_is_left_out_alone(tmp_path: Path) -> None:
    """A record outside that does not end its run is counted and left out, and the run goes on."""
    with a_house(tmp_path, Adapts(ends_run=lambda outside: False)) as house:
        lines = [record("a", room="r"), record("b", room="s"), record("c", room="r"), done(3)]
        run = house.run(connection := house.connect(house.plays(*lines)), resources={"notes": ["r"]})
        assert (run.status, run.violation) == ("completed", None)
        assert (run.records.accepted, run.records.rejected) == (2, 1)
        assert sorted(house.stored(connection)) == ["a", "c"]


@pytest.mark.parametrize("decision", ["inside", "gap_of", "ending", "may_commit"])
def test_a_decision_that_breaks(tmp_path: Path, decision: str) -> None:
    """A decision that raises ends the run as host_stopped, its child with it, and the lease comes back."""

    def broken(*_: Any) -> Any:
        raise RuntimeError("a plugin's fault")

    with a_house(tmp_path, Adapts(**{decision: broken})) as house:
        tail = "signal.signal(signal.SIGTERM, signal.SIG_DFL)"
        program = house.program(f"{tail}; hear(); record('a'); say(type='SKIP_RESULT'); done(1)")
        run = house.run(house.connect(program))
        assert (run.status, run.terminal_reason) == ("failed", "host_stopped")
        assert run.checkpoint == "not_committed"
        assert house.leases() == []
        assert house.events(run.run_id)[-1] == "run.failed"


def test_storage_that_fails_in_the_middle(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage that fails for one batch fails the run as storage_failed; the child that flooded is ended."""
    failing = with_failing_storage(house)
    write, calls = failing.write, iter([False, False, True])

    @contextmanager
    def sometimes() -> Iterator[Unit]:
        if next(calls, False):
            raise StorageError("disk full")
        with write() as unit:
            yield unit

    connection = house.connect(house.program("hear()\nwhile True: record('a')"))
    monkeypatch.setattr(failing, "write", sometimes)
    run = house.run(connection)
    assert (run.status, run.terminal_reason) == ("failed", "storage_failed")
    assert run.records == Counts(accepted=1)
    assert house.leases() == []


def test_storage_that_fails_at_the_end(house: House) -> None:
    """An end that storage would not take is written before the connection's next run starts."""
    failing = with_failing_storage(house)
    connection, flag = stuck(house)
    run_id = house.start(connection)
    wait_for(flag)
    failing.wrong = True
    with pytest.raises(StorageError):
        house.host.controller.cancel(run_id)
    assert house.ended(run_id).status == "active"
    assert house.leases() == [run_id]
    failing.wrong = False
    flag.unlink()
    again = house.start(connection)
    assert house.shown(run_id).terminal_reason == "storage_failed"
    assert house.events(run_id)[-1] == "run.failed"
    wait_for(flag)
    house.host.controller.cancel(again)
    assert house.ended(again).status == "cancelled"


def test_an_end_that_is_owed_is_written_at_close(house: House) -> None:
    """A host that closes writes the ends that storage would not take."""
    failing = with_failing_storage(house)
    connection, flag = stuck(house)
    run_id = house.start(connection)
    wait_for(flag)
    failing.wrong = True
    with pytest.raises(StorageError):
        house.host.controller.cancel(run_id)
    house.ended(run_id)
    failing.wrong = False
    house.host.controller.close()
    assert house.leases() == []


def test_close_ends_runs_under_way(house: House) -> None:
    """A host that closes ends its runs as host_stopped, gives their leases back and starts no other."""
    connection, flag = stuck(house)
    run_id = house.start(connection)
    wait_for(flag)
    house.host.controller.close()
    run = house.shown(run_id)
    assert (run.status, run.terminal_reason) == ("failed", "host_stopped")
    with pytest.raises(RequestRefused) as caught:
        house.start(connection)
    assert caught.value.code == "host_stopping"
    assert house.leases() == []
