"""Three host processes side by side on one database, and one of them killed in the middle."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..houses import PRELUDE, manifest
from ..processes import OWNER, Served, served
from ..waiting import until

EACH = 6
WAITS = """
start = hear()
record("a"); record("b")
say(type="STATE", stream="notes", cursor={{"n": 2}})
open({home!r} + "/up-" + start["run_id"], "w").close()
while not os.path.exists({home!r} + "/go"):
    time.sleep(0.02)
done(2)
"""
ENDS = {"run.completed", "run.failed", "run.cancelled"}


@dataclass
class Scene:
    """The hosts, the connections that they share, and the folder that their connectors look into."""

    hosts: tuple[Served, ...]
    connections: list[str]
    home: Path

    def up(self, run_id: str) -> bool:
        return (self.home / f"up-{run_id}").exists()

    def go(self) -> None:
        (self.home / "go").touch()


@pytest.fixture
def scene(database: str, tmp_path: Path) -> Iterator[Scene]:
    program = tmp_path / "waits.py"
    program.write_text(PRELUDE + WAITS.format(home=str(tmp_path)))
    with ExitStack() as stack:
        hosts = tuple(stack.enter_context(served(database)) for _ in range(3))
        declared = {"manifest": manifest(), "command": [sys.executable, "-S", "-E", str(program)]}
        hosts[0].ask("POST", "/_ref/connectors", declared)
        body = {"connector_key": "notes", "count": 3 * EACH + 1, "stream": "notes", "records": 0}
        made = hosts[0].ask("POST", "/_stage/connections", body)["ids"]
        scene = Scene(hosts, made, tmp_path)
        try:
            yield scene
        finally:
            scene.go()


def started(host: Served, connection: str) -> httpx.Response:
    with host.client() as client:
        return client.post(
            f"/_ref/connections/{connection}/run", headers={"Authorization": f"Bearer {OWNER}"}
        )


def run_of(host: Served, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = host.ask("GET", f"/_ref/runs/{run_id}")
    return found


def ends_of(host: Served, run_id: str) -> list[str]:
    timeline = host.ask("GET", f"/_ref/runs/{run_id}/timeline")["data"]
    told = [event["event_type"] for event in timeline]
    assert told[0] == "run.started"
    assert told[-1] in ENDS
    return [each for each in told if each in ENDS]


def ended(host: Served, run_ids: list[str]) -> None:
    """Wait until all of these have ended, asking this host for nothing but how they stand."""
    left = set(run_ids)

    def over() -> bool:
        left.difference_update({each for each in left if run_of(host, each)["status"] != "active"})
        return not left

    until(over, f"these runs go on: {left}")


@pytest.mark.long
def test_one_of_three_hosts_is_killed(scene: Scene) -> None:
    """Every run that was answered 202 ends once, those of a killed host as host_stopped; all leases are free.

    The hosts that live see to it by themselves; of runs that all ask for at once exactly one starts.
    """
    doomed, *living = scene.hosts
    wanted, *others = scene.connections
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: started(scene.hosts[n % 3], wanted), range(12)))
        told = sorted(answer.status_code for answer in answers)
        assert told == [202] + 11 * [409]
        refused = {a.json()["error"]["code"] for a in answers if a.status_code == 409}
        assert refused == {"run_already_active"}
        asked = [(host, others[n::3]) for n, host in enumerate(scene.hosts)]
        jobs = [(host, each) for host, mine in asked for each in mine]
        begun = list(pool.map(lambda job: started(*job), jobs))
    assert {answer.status_code for answer in begun} == {202}
    runs = [answer.json()["run_id"] for answer in begun]
    mine = {run for run, (host, _) in zip(runs, jobs, strict=True) if host is doomed}
    at_once = next(answer.json()["run_id"] for answer in answers if answer.status_code == 202)
    until(lambda: all(map(scene.up, [*runs, at_once])), "not every connector is up")
    doomed.kill()
    scene.go()
    ended(living[0], [*runs, at_once])
    for run in runs:
        told_run = run_of(living[1], run)
        end = ("failed", "host_stopped") if run in mine else ("completed", None)
        assert (told_run["status"], told_run.get("terminal_reason")) == end
        assert ends_of(living[1], run) == [f"run.{end[0]}"]
    assert len(ends_of(living[0], at_once)) == 1
    # Leases are free again, of the killed host's connections too, and cursors never ran ahead.
    again = [started(living[n % 2], each) for n, each in enumerate(scene.connections)]
    assert {answer.status_code for answer in again} == {202}
    later = [answer.json()["run_id"] for answer in again]
    ended(living[0], later)
    assert {run_of(living[0], run)["status"] for run in later} == {"completed"}
    for host in living:
        rows = host.listed().values()
        assert {(row["retained"]["records"], row["last_run"]["status"]) for row in rows} == {(2, "completed")}
