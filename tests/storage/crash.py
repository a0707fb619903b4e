"""Hosts that are killed while they collect, and what must be left of it.

`python tests/storage/crash.py URL HOME RECORDS` is such a host: it collects once, and says each
acknowledged batch on stdout.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from host.houses import House, a_house

from pdpp_host.arguments import RecordQuery
from pdpp_host.domain import entities
from pdpp_host.hookspecs import hookimpl
from pdpp_host.ports import Storage, Unit
from pdpp_host.services import Services

COLLECTOR = """
hear()
for n in range({records}):
    sys.stdout.write('{{"type":"RECORD","stream":"notes","key":"k%06d","data":{{"id":"k%06d","n":%d}},'
                     '"emitted_at":"2026-05-01T10:00:00Z"}}\\n' % (n, n, n))
say(type="STATE", stream="notes", cursor={{"n": {records}}})
done({records})
"""


class Telling:
    """A storage that tells of each commit once it is acknowledged, with the records in it."""

    def __init__(self, storage: Storage, tell: Callable[[int], None]) -> None:
        self.name, self.version = storage.name, storage.version
        self._storage, self._tell = storage, tell

    def read(self) -> AbstractContextManager[Any]:
        return self._storage.read()

    @contextmanager
    def write(self) -> Iterator[Any]:
        with self._storage.write() as unit:
            yield _TellingUnit(unit, self._tell)

    def close(self) -> None:
        self._storage.close()


class _TellingUnit:
    def __init__(self, unit: Unit, tell: Callable[[int], None]) -> None:
        self._unit, self._tell, self._accepted = unit, tell, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    def write_records(self, batch: Any) -> entities.Counts:
        counts = self._unit.write_records(batch)
        self._accepted += counts.accepted
        return counts

    def commit(self) -> None:
        self._unit.commit()
        if self._accepted:
            self._tell(self._accepted)


class Announcer:
    """A plugin that puts Telling around a host's storage."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell

    @hookimpl
    def adapt_services(self, services: Services) -> Services:
        return replace(services, storage=Telling(services.storage, self._tell))


def announcing(tell: Callable[[int], None]) -> Any:
    """The plugin as `a_house` takes one."""
    return Announcer(tell)


def connected(house: House, records: int) -> str:
    """A connection of a connector that emits so many records, the same each time."""
    return house.connect(house.program(COLLECTOR.format(records=records)))


def kept(house: House, connection: str) -> list[str]:
    """The keys of all records that are there, by position."""
    with house.host.services.storage.read() as view:
        found, after = [], 0
        while page := view.records(RecordQuery("notes", (connection,), after, 10_000)):
            found += [record.key for record in page]
            after = page[-1].position
    return found


def run_of(house: House) -> entities.Run:
    """The run that the killed host had begun."""
    with house.host.services.storage.read() as view:
        run = view.run((house.home / "run").read_text())
    assert run is not None
    return run


def check_whole(house: House, connection: str, run: entities.Run, acknowledged: int, records: int) -> None:
    """What a crash may leave: acknowledged records once, whole batches, no cursor without its records."""
    found = kept(house, connection)
    assert found == [f"k{n:06}" for n in range(len(found))], "a record is missing, doubled or out of order"
    assert len(found) >= acknowledged, f"{acknowledged} were acknowledged and {len(found)} are left"
    with house.host.services.storage.read() as view:
        told = [e.data["accepted"] for e in view.timeline(run.run_id) if e.event_type == "batch_ingested"]
    assert sum(told) == len(found), f"the timeline tells of {sum(told)} records and {len(found)} are there"
    assert run.status in ("failed", "completed"), run.status
    expected = {"notes": {"n": records}} if run.status == "completed" else {}
    assert house.cursors(connection) == expected, "the cursor is not where the run ended"
    assert house.leases() == [], "the lease of a dead run is held"


def killed(url: str, home: Path, records: int, when: Callable[[subprocess.Popen[str]], int]) -> int:
    """Kill a host in the middle of a run, at the moment that `when` waits for; the acknowledged records."""
    command = [sys.executable, __file__, url, str(home), str(records)]
    host = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        acknowledged = when(host)
    finally:
        host.kill()
        rest, _ = host.communicate()
    return acknowledged + sum(int(line) for line in rest.splitlines() if line.isdigit())


def crash_and_come_back(
    url: str, home: Path, records: int, when: Callable[[subprocess.Popen[str]], int]
) -> str:
    """Kill a host, look at what is left, run again, look again; how the killed run ended."""
    acknowledged = killed(url, home, records, when)
    with a_house(home, url=url) as house:
        if not (home / "run").exists():
            return "killed before the run"
        connection = (home / "connection").read_text()
        run = run_of(house)
        check_whole(house, connection, run, acknowledged, records)
        assert run.status == "completed" or run.terminal_reason == "host_stopped", run.terminal_reason
        again = house.run(connection)
        assert again.status == "completed", again.terminal_reason
        assert kept(house, connection) == [f"k{n:06}" for n in range(records)]
        assert house.cursors(connection) == {"notes": {"n": records}}
        return f"{run.status} with {acknowledged} acknowledged"


def main(url: str, home: str, records: str) -> None:
    """Collect once, telling of each acknowledged batch."""

    def tell(accepted: int) -> None:
        print(accepted, flush=True)

    with a_house(Path(home), announcing(tell), url=url) as house:
        connection = connected(house, int(records))
        (Path(home) / "connection").write_text(connection)
        run = house.start(connection)
        (Path(home) / "run").write_text(run)
        house.ended(run)


if __name__ == "__main__":
    main(*sys.argv[1:])
