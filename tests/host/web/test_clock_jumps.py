"""A clock that jumps by hours, forth and back: nothing breaks, and what came later stays later."""

from __future__ import annotations

import dataclasses
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pdpp_host.arguments import RunsQuery, SummaryQuery
from pdpp_host.compose import Host
from pdpp_host.readmodel.keeping import rows_of
from pdpp_host.readmodel.rebuilding import rebuild
from pdpp_host.runtime.controller import Controller
from pdpp_host.services import Clock
from pdpp_host.web.access import Tokens
from pdpp_host.web.app import application

from ..houses import AT, House, done, manifest, record
from ..runtime.stuck import stuck, wait_for
from ..runtime.test_lost_answers import ENDS
from .callers import OWNER, STAGE, Caller
from .conftest import Switchboard

HOUR = timedelta(hours=1)


class Wild(Clock):
    """A clock that shows another time, up to two days off, each time it is looked at."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self.shown: list[datetime] = []

    def now(self) -> datetime:
        self.shown.append(AT + timedelta(seconds=self._chance.uniform(-172_800, 172_800)))
        return self.shown[-1]


def with_clock(house: House, clock: Clock) -> House:
    """The same house by another clock."""
    house.host.controller.close()
    services = dataclasses.replace(house.host.services, clock=clock)
    house.host = Host(services, Controller(services), house.host.stage)
    return house


@pytest.mark.parametrize("seed", range(4))
def test_a_wild_clock(owner: Caller, house: House, served: tuple[Switchboard, str], seed: int) -> None:
    """Runs end once, timelines and histories keep the order of writing, lists answer, a rebuild agrees."""
    clock = Wild(seed)
    with_clock(house, clock)
    served[0].current = application(house.host, Tokens(OWNER, STAGE))
    lines = [
        line for n in range(3) for line in (record(str(n), n=seed), {"type": "PROGRESS", "message": "m"})
    ]
    state = {"type": "STATE", "stream": "notes", "cursor": {"n": seed}}
    good = house.connect(house.plays(*lines, state, record("x"), done(4)))
    bad = house.connect(house.plays(record("a")), manifest(key="bad"))
    gone = {
        "type": "RECORD",
        "stream": "notes",
        "key": "x",
        "op": "delete",
        "emitted_at": "2026-05-01T10:00:00Z",
    }
    more = house.connect(house.plays(record("b"), record("x"), gone, done(3)), manifest(key="more"))
    began = [house.run(each) for each in (good, bad, more, good, bad, more, good)]
    assert [run.status for run in began if run.connection_id == good] == ["completed"] * 3
    assert len({(a > b) for a, b in zip(clock.shown, clock.shown[1:], strict=False)}) == 2, "it jumped"
    services = house.host.services
    with services.storage.read() as view:
        latest = [run.run_id for _, run in view.runs_of(RunsQuery(good))]
        assert latest == [run.run_id for run in reversed(began) if run.connection_id == good]
        for run in began:
            told = [event.event_type for event in view.timeline(run.run_id)]
            assert told[0] == "run.started"
            assert [n for n, each in enumerate(told) if each in ENDS] == [len(told) - 1]
        [row] = rows_of(services, view, SummaryQuery(connection_id=good))[0]
        assert row.evidence is not None
        assert row.evidence.last_run is not None
        assert row.evidence.last_run.run_id == began[-1].run_id
        assert row.evidence.captured_at == began[-1].finished_at
    for path in ("/_ref/connectors", f"/_ref/connections/{good}", f"/_ref/runs/{began[0].run_id}/timeline"):
        assert owner.get(path).status == 200
    assert sorted(house.stored(good)) == ["0", "1", "2", "x"]
    assert house.leases() == []
    assert list(rebuild(services)) == []


def test_a_run_outlives_jumps(house: House, tmp_path: Path) -> None:
    """A clock that jumps by days under a run neither times it out, nor has anybody take its lease."""
    connection, flag = stuck(house)
    clock = house.host.services.clock
    clock.stop(AT)
    run_id = house.start(connection)
    wait_for(flag)
    for moment in (AT + 999 * HOUR, AT - 999 * HOUR):
        clock.stop(moment)
        house.host.controller.tend()
        Controller(house.host.services).recover()
        assert (house.shown(run_id).status, house.leases()) == ("active", [run_id])
    house.host.controller.cancel(run_id)
    run = house.ended(run_id)
    assert (run.status, run.started_at, run.finished_at) == ("cancelled", AT, AT - 999 * HOUR)


def test_what_was_captured_in_the_future(owner: Caller, house: House) -> None:
    """It is current, of age 0 until the clock has come by it; a later run counts instead."""
    connection = house.connect(house.plays(done(0)))
    clock = house.host.services.clock

    def told() -> Any:
        [row] = owner.get("/_ref/connectors").body["data"]
        return row["freshness"]

    clock.stop(AT + 48 * HOUR)
    house.run(connection)
    seconds = told()["threshold_seconds"]
    for moment, status, age in (
        (AT, "current", 0.0),
        (AT + 48 * HOUR, "current", 0.0),
        (AT + 48 * HOUR + timedelta(seconds=seconds), "current", seconds),
        (AT + 49 * HOUR + timedelta(seconds=seconds), "stale", seconds + 3600),
    ):
        clock.stop(moment)
        freshness = told()
        assert (freshness["status"], freshness["age_seconds"]) == (status, age)
    clock.stop(AT)
    house.run(connection)
    assert told()["captured_at"] == "2026-05-01T10:00:00Z"


def test_a_grant_when_the_clock_steps_back(owner: Caller, house: House) -> None:
    """A grant follows the clock both ways: it has expired when that says so, and not when it does not."""
    connection = house.connect(house.plays(done(0)))
    clock = house.host.services.clock
    clock.stop(AT)
    body = {"connections": [connection], "streams": ["notes"], "expires_at": "2026-05-01T12:00:00Z"}
    reader = owner.bearing(owner.post("/_ref/grants", body).body["token"])
    for moment, status in ((AT, 200), (AT + 3 * HOUR, 403), (AT + HOUR, 200), (AT - 30 * HOUR, 200)):
        clock.stop(moment)
        assert reader.get("/v1/streams").status == status
