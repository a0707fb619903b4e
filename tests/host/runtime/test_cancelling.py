"""A run that its owner cancels, early and late."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pdpp_host.runtime import collection

from ..houses import House, done
from .stuck import stuck, wait_for


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
