"""Runs that end well and runs that do not; the lease always comes back."""

from __future__ import annotations

import dataclasses
import json
import threading
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
from pdpp_host.runtime import collection, intake
from pdpp_host.runtime.controller import Controller
from pdpp_host.services import Services

from ..houses import House, a_house, done, manifest, record, stream

STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}
STUCK = "say(type='PROGRESS', message='up'); open({flag!r}, 'w').close(); threading.Event().wait()"


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


def stuck(house: House) -> tuple[str, Path]:
    """A connector that is up and stays up, and the file that says that it is up."""
    flag = house.home / "up"
    return house.connect(house.program(STUCK.format(flag=str(flag)))), flag


def wait_for(flag: Path) -> None:
    waiting = threading.Event()
    for _ in range(6000):
        if flag.exists():
            return
        waiting.wait(0.005)
    raise AssertionError(f"no {flag}")


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


def test_no_state_before_its_records(house: House) -> None:
    """When a cursor is staged, every record before it is durable."""
    connection = house.connect(
        house.program(
            "hear(); record('a'); say(type='STATE', stream='notes', cursor={}); "
            "say(type='INTERACTION', request_id='i', kind='otp', message='m'); hear(); "
            "say(type='PROGRESS', message='m'); os.kill(os.getpid(), 9)"
        )
    )
    run = house.run(connection)
    assert run.terminal_reason == "connector_exit_without_done"
    assert list(house.stored(connection)) == ["a"]
    assert house.events(run.run_id)[1:3] == ["batch_ingested", "state_staged"]


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


def test_a_standing_window_narrows_nothing(house: House) -> None:
    """A path's own `since` goes out as time_range in each run, and its STATE commits."""
    program = house.program("s = hear(); say(type='STATE', stream='notes', cursor=s['scope']); done(0)")
    connection = house.connect(program, since="2026-01-01T00:00:00Z")
    assert house.run(connection).checkpoint == "committed"
    window = {"since": "2026-01-01T00:00:00Z"}
    assert house.cursors(connection)["notes"] == {"streams": [{"name": "notes", "time_range": window}]}


def test_a_full_refresh_starts_without_a_cursor(house: House) -> None:
    """A run that claims full-refresh coverage of a stream sends that stream no cursor."""
    program = house.program(
        "s = hear(); say(type='STATE', stream='notes', cursor={'got': s['state'], 'mode':"
        " s['collection_mode']}); done(0)"
    )
    connection = house.connect(program, manifest(stream(coverage_authority="full_refresh")))
    house.run(connection)
    house.run(connection, coverage={"notes": "full_refresh"})
    assert house.cursors(connection)["notes"] == {"got": None, "mode": "full_refresh"}


def test_gaps_reach_the_run(house: House) -> None:
    """What the connector says it could not collect stands in the run's known gaps and its timeline."""
    gap = {
        "type": "SKIP_RESULT",
        "stream": "notes",
        "reason": "source_partition_missing",
        "diagnostics": {"missing_partitions": ["p"], "missing_count": 1, "truncated": False},
    }
    run = house.plays_out(gap, {"type": "DETAIL_GAP", "stream": "notes", "retryable": True}, done(0))
    assert [(known.kind, known.severity) for known in run.known_gaps] == [
        ("missing_partition", "recoverable"),
        ("detail_gap", "recoverable"),
    ]
    assert run.known_gaps[0].partitions == ("p",)
    assert house.events(run.run_id)[1:3] == ["stream_skipped", "detail_gap_recorded"]


def test_deletes_are_counted(house: House) -> None:
    """A delete of a live record counts as deleted, and among the records that DONE counts."""
    gone = {"type": "RECORD", "stream": "notes", "key": "a", "op": "delete", "emitted_at": "t"}
    state = {"type": "STATE", "stream": "notes", "cursor": {}}
    run = house.plays_out(record("a"), state, gone, done(2))
    assert run.records == Counts(accepted=1, deleted=1)


def test_unstorable_characters_are_counted(house: House) -> None:
    """NUL and lone surrogates are stored as U+FFFD, and the run says how many."""
    connection = house.connect(house.plays(record("a", text="x\0\ud800"), done(1)))
    run = house.run(connection)
    assert (run.status, run.records.replaced) == ("completed", 2)
    assert house.stored(connection)["a"]["text"] == "x\ufffd\ufffd"


def test_an_interaction_is_answered_at_once(house: House) -> None:
    """Nobody being there to ask, an INTERACTION is answered `timeout` and both sides are noted."""
    program = house.program(
        "hear(); say(type='INTERACTION', request_id='i1', kind='otp', message='code?'); a = hear();"
        "say(type='STATE', stream='notes', cursor=a); done(0)"
    )
    connection = house.connect(program)
    run = house.run(connection)
    answer = {"type": "INTERACTION_RESPONSE", "request_id": "i1", "status": "timeout"}
    assert house.cursors(connection) == {"notes": answer}
    assert house.events(run.run_id)[1:3] == ["interaction_required", "interaction_completed"]


def test_a_child_that_cannot_be_started(house: House) -> None:
    """A command that does not exist fails the run as launch_failed and gives the lease back."""
    run = house.run(house.connect(("/no/such/program",)))
    assert (run.status, run.terminal_reason) == ("failed", "launch_failed")
    assert house.leases() == []


def test_memory_is_bounded_in_bytes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few large records are written as soon as they weigh enough, and many events without any record too."""
    monkeypatch.setattr(intake, "BATCH_BYTES", 1000)
    monkeypatch.setattr(intake, "BATCH", 5)
    large = [record(f"k{n}", text="x" * 400) for n in range(4)]
    talk = [{"type": "PROGRESS", "message": "m"} for _ in range(12)]
    run = house.plays_out(*large, *talk, done(4))
    assert house.events(run.run_id).count("batch_ingested") == 2
    assert run.records.accepted == 4


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


def test_a_thread_that_cannot_be_started(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose thread cannot be started ends failed, its lease comes back, and nothing was spawned."""

    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    connection = house.connect(("/no/such/program",))
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RuntimeError):
            house.start(connection)
    assert house.leases() == []
    assert house.run(connection).terminal_reason == "launch_failed"


def test_one_run_at_a_time(house: House) -> None:
    """A second run of a connection is refused as active; one of another connection is not."""
    connection, _ = stuck(house)
    run_id = house.start(connection)
    with pytest.raises(RequestRefused) as caught:
        house.start(connection)
    assert caught.value.code == "run_already_active"
    assert house.run(house.connect(house.plays(done(0)))).status == "completed"
    house.host.controller.cancel(run_id)
    assert house.ended(run_id).status == "cancelled"
    assert house.leases() == []


def test_cancel_a_run_that_is_up(house: House) -> None:
    """Cancel ends the child; what it had said is kept, and cancel_requested comes before the end."""
    connection, flag = stuck(house)
    run_id = house.start(connection)
    wait_for(flag)
    house.host.controller.cancel(run_id)
    run = house.ended(run_id)
    assert (run.status, run.terminal_reason) == ("cancelled", "owner_cancelled")
    events = house.events(run_id)
    assert events.index("cancel_requested") < events.index("run.cancelled") == len(events) - 1


def test_cancel_before_the_child_is_started(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is cancelled before its child was started starts none."""
    flag = house.home / "started"
    connection = house.connect(house.program(f"open({str(flag)!r}, 'w')"))
    reached, go_on = threading.Event(), threading.Event()
    listen = collection.Collection._listen

    def held(self: collection.Collection) -> Any:
        reached.set()
        go_on.wait(10)
        return listen(self)

    monkeypatch.setattr(collection.Collection, "_listen", held)
    run_id = house.start(connection)
    assert reached.wait(10)
    house.host.controller.cancel(run_id)
    go_on.set()
    assert house.ended(run_id).terminal_reason == "owner_cancelled"
    assert not flag.exists()


def test_cancel_while_the_child_is_being_started(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancel that comes between the decision to start and the started child still ends it."""
    connection, _ = stuck(house)
    reached, go_on = threading.Event(), threading.Event()
    launch = collection.launch

    def held(*arguments: Any) -> Any:
        reached.set()
        go_on.wait(10)
        return launch(*arguments)

    monkeypatch.setattr(collection, "launch", held)
    run_id = house.start(connection)
    assert reached.wait(10)
    house.host.controller.cancel(run_id)
    go_on.set()
    assert house.ended(run_id).status == "cancelled"


def test_cancel_after_the_end(house: House) -> None:
    """A run that has ended stays as it ended, and nothing is added to its timeline."""
    connection = house.connect(house.plays(done(0)))
    run = house.run(connection)
    before = house.events(run.run_id)
    house.host.controller.cancel(run.run_id)
    assert house.shown(run.run_id) == run
    assert house.events(run.run_id) == before


def test_a_cancel_that_comes_with_the_end_adds_nothing_after_it(house: House) -> None:
    """A cancel whose note reaches storage after the run's end is not noted: run.* stays last."""
    run = house.run(house.connect(house.plays(done(0))))
    house.host.controller._note(run.run_id, "cancel_requested")
    assert house.events(run.run_id)[-1] == "run.completed"


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


@pytest.mark.parametrize(
    ("body", "code"), [(b'{"resources":{"notes":[]}}', "invalid_resources"), (b"[]", "invalid_request")]
)
def test_a_refused_request_leaves_nothing(house: House, body: bytes, code: str) -> None:
    """A refused request takes no lease, writes no run and starts no child (PR-03.3)."""
    flag = house.home / "started"
    connection = house.connect(house.program(f"open({str(flag)!r}, 'w')"))
    with pytest.raises(RequestRefused) as caught:
        house.host.controller.start(connection, body)
    assert caught.value.code == code
    assert house.leases() == []
    assert not flag.exists()


def test_two_paths_never_share_a_start(house: House) -> None:
    """Two connections of one connector run at once, each with its own scope and cursor (PR-03.1)."""
    program = house.program(
        "s = hear(); say(type='STATE', stream='notes', cursor=s['scope']['streams'][0]); done(0)"
    )
    one, two = house.connect(program), house.connect(program)
    runs = [house.start(one), house.start(two)]
    for run_id in runs:
        house.ended(run_id)
    assert house.cursors(one) == house.cursors(two) == {"notes": {"name": "notes"}}
    assert json.dumps(house.shown(runs[0]).scope) == json.dumps(house.shown(runs[1]).scope)
