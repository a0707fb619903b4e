"""1000 runs in a row, every third killed at a random byte of its output: nothing grows.

`python tests/campaign/thousand_runs.py [RUNS]` prints the figures and exits 1 where something has grown.
"""

from __future__ import annotations

import gc
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from host.houses import House, a_house, done, record

WARM_UP = 60
GROWTH_KIB = 8 * 1024
STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}
PLAYER = """
hear()
text = open({script!r}, 'rb').read()
cut = int(open({cut!r}).read())
os.write(1, text[:cut] if cut >= 0 else text)
if cut >= 0: os.kill(os.getpid(), 9)
"""


@dataclass(frozen=True)
class Figures:
    """What one process has open and holds."""

    handles: int
    threads: int
    children: int
    resident_kib: int


def figures() -> Figures:
    """What this process has open and holds now."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return Figures(
        len(os.listdir("/proc/self/fd")), threading.active_count(), _children(), int(resident.split()[1])
    )


def _children() -> int:
    """The processes whose parent this one is, zombies too."""
    found = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found += int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid()
            except OSError:
                continue
    return found


def campaign(house: House, runs: int, seed: int) -> tuple[Counter[str], Figures, Figures]:
    """Do the runs; how they ended, and the figures once warm and at the end."""
    chance, ends = random.Random(seed), Counter[str]()
    script, cut = house.home / "script", house.home / "cut"
    lines = [*(record(f"k{n}", text="x" * 100) for n in range(20)), STATE, done(20)]
    script.write_bytes(b"".join(_line(line) for line in lines))
    connection = house.connect(house.program(PLAYER.format(script=str(script), cut=str(cut))))
    for number in range(WARM_UP + runs):
        if number == WARM_UP:
            before = figures()
        killed = number % 3 == 2
        cut.write_text(str(chance.randrange(script.stat().st_size) if killed else -1))
        run = house.run(connection)
        if number >= WARM_UP:
            ends[run.terminal_reason or run.status] += 1
    return ends, before, figures()


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def main(runs: int = 1000, seed: int = 4) -> int:
    """Print the figures; 1 where one of them has grown."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as home, a_house(Path(home)) as house:
        ends, before, after = campaign(house, runs, seed)
    print(f"{runs} runs in {time.monotonic() - begun:.0f} s, seed {seed}: {dict(ends)}")
    grown = False
    for name, was in asdict(before).items():
        now, allowed = asdict(after)[name], GROWTH_KIB if name == "resident_kib" else 0
        grown |= now > was + allowed
        print(f"{name:13} {was:8} -> {now:8}{'  GROWN' if now > was + allowed else ''}")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
