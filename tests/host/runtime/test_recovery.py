"""Leases of hosts that died, and of hosts that live elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from pdpp_host.domain.entities import Counts
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.runtime import holders

from ..houses import AT, House, a_house, done

DIES = """
import sys, os
from pathlib import Path
sys.path.insert(0, {tests!r})
from host.houses import a_house
with a_house(Path({home!r})) as house:
    program = "hear(); record('a'); say(type='STATE', stream='notes', cursor={{}}); "
    program += "say(type='INTERACTION', request_id='i', kind='otp', message='m'); hear(); "
    program += "sys.stdin.read()"
    connection = house.connect(house.program(program))
    run_id = house.start(connection)
    while not house.stored(connection):
        pass
    print(connection, run_id, flush=True)
    {then}
"""


def elsewhere(home: Path, then: str) -> subprocess.Popen[str]:
    """Another host process on the same database, with a run under way."""
    program = DIES.format(tests=str(Path(__file__).parents[2]), home=str(home), then=then)
    return subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def lease(house: House, connection: str, run_id: str, holder: str) -> None:
    """A lease of `holder` on a connection, for a run of its own."""
    run = house.run(connection)
    with house.host.services.storage.write() as unit:
        active = msgspec.structs.replace(run, run_id=run_id, status="active", finished_at=None)
        unit.add_run(active)
        assert unit.take_lease(connection, run_id, holder, AT)
        unit.commit()


def other(**changes: object) -> str:
    mine = msgspec.json.decode(holders.enter(), type=holders.Holder)
    holders.leave(msgspec.json.encode(mine).decode())
    return msgspec.json.encode(msgspec.structs.replace(mine, **changes)).decode()


def test_a_killed_host_is_recovered(tmp_path: Path) -> None:
    """A killed host's run ends failed (host_stopped) with the counts that were acknowledged, once another
    host opens the database; its records stay, its cursor does not advance, its lease is given back."""
    with elsewhere(tmp_path, "os.kill(os.getpid(), 9)") as dying:
        assert dying.stdout is not None
        connection, run_id = dying.stdout.readline().split()
        dying.wait()
    with a_house(tmp_path) as house:
        run = house.shown(run_id)
        assert (run.status, run.terminal_reason) == ("failed", "host_stopped")
        assert run.records == Counts(accepted=1)
        assert house.leases() == []
        assert list(house.stored(connection)) == ["a"]
        assert house.cursors(connection) == {}
        assert house.events(run_id)[-1] == "run.failed"


def test_a_living_host_keeps_its_run(tmp_path: Path) -> None:
    """A second host process on one database ends no run of the first; it refuses what the first holds."""
    with elsewhere(tmp_path, "sys.stdin.read()") as living, a_house(tmp_path) as house:
        assert living.stdout is not None
        assert living.stdin is not None
        connection, run_id = living.stdout.readline().split()
        house.host.controller.recover()
        assert house.shown(run_id).status == "active"
        with pytest.raises(RequestRefused) as started:
            house.start(connection)
        assert started.value.code == "run_already_active"
        with pytest.raises(RequestRefused) as cancelled:
            house.host.controller.cancel(run_id)
        assert cancelled.value.code == "run_held_elsewhere"
        living.stdin.close()
        living.wait()
        assert house.shown(run_id).terminal_reason == "host_stopped"


def test_a_host_that_died_later_is_recovered_by_the_next_run(house: House) -> None:
    """A lease that is found dead only when a run wants it is given back then."""
    connection = house.connect(house.plays(done(0)))
    lease(house, connection, "run_old", other(pid=2**22 + 1))
    assert house.run(connection).status == "completed"
    assert house.shown("run_old").terminal_reason == "host_stopped"


def test_the_owner_ends_a_run_of_an_unknown_host(house: House) -> None:
    """Of a host on another machine nothing is known: its run stays until the owner cancels it."""
    connection = house.connect(house.plays(done(0)))
    lease(house, connection, "run_far", other(machine="far away"))
    with pytest.raises(RequestRefused):
        house.start(connection)
    house.host.controller.cancel("run_far")
    assert house.shown("run_far").status == "cancelled"
    assert house.run(connection).status == "completed"


@pytest.mark.parametrize(
    ("changes", "life"),
    [
        ({"machine": "another"}, "unknown"),
        ({"space": "pid:[1]"}, "unknown"),
        ({"boot": "an earlier boot"}, "dead"),
        ({"pid": 2**22 + 1}, "dead"),
        ({"pid": 1, "started": "before everything"}, "dead"),
        ({"pid": os.getppid(), "started": "a moment before"}, "dead"),
        ({}, "dead"),
    ],
)
def test_what_is_known_of_a_holder(changes: dict[str, object], life: str) -> None:
    """Dead is only what is proved dead: another boot, no such process, one that started later, one closed."""
    assert holders.life(other(**changes)) == life


def test_living_holders() -> None:
    """A controller of this process lives until it leaves; another process lives as long as it runs."""
    mine = holders.enter()
    assert holders.life(mine) == "alive"
    holders.leave(mine)
    assert holders.life(mine) == "dead"
    started = holders._started(os.getppid())
    assert started is not None
    assert holders.life(other(pid=os.getppid(), started=started)) == "alive"


@pytest.mark.parametrize("text", ["", "host_1", "{}"])
def test_a_holder_that_nobody_can_read(text: str) -> None:
    """A lease of an older version says nothing of its holder's life."""
    assert holders.life(text) == "unknown"
