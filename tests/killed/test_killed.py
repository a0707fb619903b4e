"""A host that dies at any line loses nothing that it acknowledged, and comes back whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from parts import missing
from sqlalchemy import text

from pdpp_host.compose import provide_databases
from pdpp_host.domain.entities import Counts
from pdpp_host.domain.messages import State
from pdpp_host.plugins import load_plugins
from pdpp_host.ports import StorageMissing
from pdpp_host.runtime.batching import Batches
from pdpp_host.runtime.controller import Controller
from pdpp_host.runtime.intake import Intake
from pdpp_plugins.storage import writing

from . import dying
from .histories import Batch, Collecting, History, Moment, drawn
from .lives import Broken
from .worlds import World, warmed

WRITES = (("notes", "a", '{"id":"a","n":1}'), ("calls", "b", '{"id":"b","n":1}'))
RUN = Collecting("conn0", (Batch(WRITES, ("notes", 1)), Batch(WRITES[:1])), "succeeded", False, False)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Databases of each kind; the tests of this module are forked from a process that has used one."""
    home = tmp_path_factory.mktemp("killed")
    try:
        databases = provide_databases(load_plugins(), request.param, home)
    except StorageMissing as error:
        missing("postgres", str(error))
    yield warmed(databases, home)
    databases.close()


@pytest.mark.parametrize("seed", [0, 1, 2, *(pytest.param(n, marks=pytest.mark.long) for n in (3, 4, 5))])
def test_nothing_is_lost(world: World, seed: int) -> None:
    """Whatever is done, and wherever hosts die in it; a thousand times as many are `make campaign`."""
    world.live(drawn(seed))


def died(world: World, moment: Moment, *adapting: object) -> str:
    """What is said of a run whose host dies then."""
    with pytest.raises(Broken) as broken:
        world.live(History(0, (RUN,), (moment,), False), *adapting)
    return str(broken.value)


@pytest.mark.parametrize("at", ["before commit", pytest.param("after commit", marks=pytest.mark.long)])
def test_a_host_dies_beside_each_commit(world: World, at: str) -> None:
    """It opens, is furnished, starts, writes two batches and its end: there is no seventh commit."""
    lives = [world.live(History(0, (RUN,), (Moment(-1, at, number),), True)) for number in range(1, 8)]  # type: ignore[arg-type]
    assert lives == [(-1,), (-1,), (0,), (0,), (0,), (0,), ()]


def test_what_was_acknowledged_too_early_is_missed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of which the host told before it had committed it."""

    def commit(unit: dying._Unit) -> None:
        for batch_id in unit._batches:
            unit._dying.tell("wrote", batch_id)
        unit._dying.fuse.burn("before commit", unit._dying.fuse.commit())
        unit._unit.commit()

    monkeypatch.setattr(dying._Unit, "commit", commit)
    assert "1 batches were acknowledged" in died(world, Moment(0, "before commit", 2))


def test_a_batch_in_two_transactions_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records first and their event afterwards: a host that dies between them leaves half a batch."""
    whole = Batches._write

    def halves(batches: Batches, full: Any) -> Counts:
        with batches._services.storage.write() as unit:
            batches._records(unit, full)
            unit.commit()
        return whole(batches, full)

    monkeypatch.setattr(Batches, "_write", halves)
    assert "has [('a', " in died(world, Moment(0, "after commit", 2))


def test_a_run_that_nobody_ends_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that comes back and leaves the dead one's run as it is."""
    monkeypatch.setattr(Controller, "recover", lambda self: None)
    assert "a run goes on for ever" in died(world, Moment(0, "after commit", 2))


def test_a_cursor_ahead_of_its_run_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor that is committed as soon as it is heard, by a run that fails."""
    whole = Intake._state

    def hasty(intake: Intake, number: int, state: State) -> None:
        whole(intake, number, state)
        run = intake._run
        with intake._services.storage.write() as unit:
            unit.put_stream_state(run.connection_id, run.path, intake.staged, run.run_id, run.started_at)
            unit.commit()

    monkeypatch.setattr(Intake, "_state", hasty)
    with pytest.raises(Broken, match="is at {'notes': {'n': 1}}, not {}"):
        world.live(History(0, (replace(RUN, end="failed"),), (), False))


def test_a_size_that_is_not_kept_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that are written without a word of what is retained now."""
    monkeypatch.setattr(writing, "add_to_retained", lambda spelling: text("SELECT 1"))
    with pytest.raises(Broken, match="what is maintained is not what is rebuilt"):
        world.live(History(0, (RUN,), (), False))
