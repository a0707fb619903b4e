"""A million records through the runtime of a host in a process of its own: its memory, and a steady rate."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from figures import Figure, Found, NotRun
from host.houses import a_house
from ingest import postgres

from pdpp_host.ports import StorageMissing

RECORDS, SLICE, RUNS = 1_000_000, 100_000, 3
# The pipe holds the child back, so that its own clock tells how fast the host takes records.
_CHILD = """
import time
hear()
line = ('{{"type":"RECORD","stream":"notes","key":"k%08d","data":{{"id":"k%08d","text":"' + 'x' * 90
        + '"}},"emitted_at":"2026-05-01T10:00:00Z"}}\\n')
began, rates = time.monotonic(), []
for first in range(0, {records}, 1000):
    sys.stdout.write(''.join(line % (n, n) for n in range(first, first + 1000)))
    if (first + 1000) % {slice} == 0:
        sys.stdout.flush()
        rates.append({slice} / (time.monotonic() - began))
        began = time.monotonic()
sys.stdout.write('{{"type":"DONE","status":"succeeded","records_emitted":{records}}}\\n')
sys.stdout.flush()
open({rates!r}, 'w').write(str(rates))
"""


def on_sqlite() -> Iterator[Figure]:
    """Peak memory, what it grew by over the run, and the rate of the last slice beside the second's."""

    def one() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            return _told(f"sqlite:///{folder}/million.db")

    yield from _figures("SQLite", one)


def on_postgres() -> Iterator[Found]:
    """The same on a PostgreSQL server."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with postgres(Path(folder)) as databases:

                def one() -> dict[str, Any]:
                    url = databases.fresh()
                    told = _told(url)
                    databases.drop(url)
                    return told

                yield from _figures("PostgreSQL", one)
        except StorageMissing as missing:
            yield NotRun("1 000 000 records through the runtime, PostgreSQL", str(missing))


def _told(url: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, __file__, url], capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _figures(storage: str, one: Callable[[], dict[str, Any]]) -> Iterator[Figure]:
    """Of several runs the most memory, and the medians of both rates."""
    every = [one() for _ in range(RUNS)]
    most = max(told["peak_mib"] for told in every)
    yield Figure(f"memory of a host that took 1 000 000 records, {storage}", "MiB", most, 200)
    grown = max(told["peak_mib"] - told["before_mib"] for told in every)
    yield Figure("  what of it the run added", "MiB", grown)
    second, last = (median(1e3 / told["rates"][place] for told in every) for place in (1, -1))
    yield Figure("  a record of the last hundred thousand", "ms", last, None, second, "of the second")


def _most_mib() -> float:
    """The most memory that this process has held; what `getrusage` tells begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**2 if sys.platform == "darwin" else 1024)


def _alone(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder, a_house(Path(folder), url=url) as house:
        rates = Path(folder) / "rates"
        before = _most_mib()
        child = house.program(_CHILD.format(records=RECORDS, slice=SLICE, rates=str(rates)))
        connection = house.connect(child)
        run_id = house.start(connection)
        for thread in threading.enumerate():
            if thread.name == run_id:
                thread.join()
        run = house.shown(run_id)
        assert run.status == "completed", run
        told = {"peak_mib": _most_mib(), "before_mib": before, "rates": json.loads(rates.read_text())}
    print(json.dumps(told))


if __name__ == "__main__":
    _alone(sys.argv[1])
