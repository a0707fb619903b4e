"""A million records through the runtime of a host in a process of its own: its memory, and a steady rate."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from figures import Figure, Found, NotRun
from host.houses import a_house
from ingest import postgres

from pdpp_host.ports import StorageMissing

RECORDS, SLICE = 1_000_000, 100_000
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
    with tempfile.TemporaryDirectory() as folder:
        yield from _figures("SQLite", f"sqlite:///{folder}/million.db")


def on_postgres() -> Iterator[Found]:
    """The same on a PostgreSQL server."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with postgres(Path(folder)) as databases:
                yield from _figures("PostgreSQL", databases.fresh())
        except StorageMissing as missing:
            yield NotRun("1 000 000 records through the runtime, PostgreSQL", str(missing))


def _figures(storage: str, url: str) -> Iterator[Figure]:
    done = subprocess.run([sys.executable, __file__, url], capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    yield Figure(f"memory of a host that took 1 000 000 records, {storage}", "MiB", told["peak_mib"], 200)
    yield Figure("  what of it the run added", "MiB", told["peak_mib"] - told["before_mib"])
    first, last = told["rates"][1], told["rates"][-1]
    yield Figure(
        "  a record of the last hundred thousand", "ms", 1e3 / last, None, 1e3 / first, "of the second"
    )


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
