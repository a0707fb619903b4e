"""What a run starts with, and what keeps it from starting."""

from __future__ import annotations

import json
import threading

import pytest

from pdpp_host.domain.requests import RequestRefused

from ..houses import House, done, manifest, stream
from .stuck import stuck

STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}


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


def test_a_child_that_cannot_be_started(house: House) -> None:
    """A command that does not exist fails the run as launch_failed and gives the lease back."""
    run = house.run(house.connect(("/no/such/program",)))
    assert (run.status, run.terminal_reason) == ("failed", "launch_failed")
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
