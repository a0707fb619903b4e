"""Hosts killed at any line, beside any commit and at any moment: nothing that was acknowledged is lost.

`python tests/campaign/crashes.py [HISTORIES] [SEED]` lives so many histories on each storage, and kills hosts
in the middle of a large run, one for each fifty histories. A seed that breaks a law is told, and ends in 1.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from killed.histories import drawn
from killed.lives import Broken
from killed.worlds import World, warmed
from storage.crash import crash_and_come_back

from pdpp_host.compose import provide_databases
from pdpp_host.plugins import load_plugins
from pdpp_host.ports import Databases, StorageMissing

RECORDS = 50_000
LONGEST_S = 2.5
_world: list[World] = []


def campaign(storage: str, histories: int, seed: int) -> int:
    """Live the histories of so many seeds, then kill in large runs; how many broke a law."""
    try:
        with _databases(storage) as (databases, home):
            broken = _histories(storage, warmed(databases, home), range(seed, seed + histories))
            _large_runs(storage, databases, home, max(1, histories // 50), seed)
    except StorageMissing as error:
        print(f"{storage}: not run: {error}")
        return 0
    return broken


def _histories(storage: str, world: World, seeds: range) -> int:
    """Histories side by side, each forked from a process of its own, so that waiting costs nothing."""
    _world[:] = [world]
    begun, deaths, broken = time.monotonic(), Counter[int](), 0
    workers = 2 * (os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
        for seed, told in zip(seeds, pool.map(_lived, seeds, chunksize=10), strict=True):
            if isinstance(told, str):
                broken += 1
                print(f"{storage}: seed {seed} broke a law:\n{told}", flush=True)
            else:
                deaths.update(told)
    spent, died = time.monotonic() - begun, sum(deaths.values())
    where = f"{deaths[-1]} of them in a start"
    print(f"{storage}: {len(seeds)} histories from seed {seeds.start}: {died} hosts died, {where}")
    print(f"{storage}: {broken} broke a law, {spent:.0f} s", flush=True)
    return broken


def _lived(seed: int) -> tuple[int, ...] | str:
    try:
        return _world[0].live(drawn(seed))
    except Broken as broken:
        return str(broken)


def _large_runs(storage: str, databases: Databases, home: Path, times: int, seed: int) -> None:
    """Kill hosts at a random moment, also in the middle of what no line of ours does."""
    chance, ends, begun = random.Random(seed), Counter[str](), time.monotonic()

    def at_random(host: subprocess.Popen[str]) -> int:
        with suppress(subprocess.TimeoutExpired):
            host.wait(chance.uniform(0.3, LONGEST_S))
        return 0

    for n in range(times):
        folder, url = home / f"large{n}", databases.fresh()
        folder.mkdir()
        ends[crash_and_come_back(url, folder, RECORDS, at_random).split(" with")[0]] += 1
        databases.drop(url)
    print(
        f"{storage}: killed {times} large runs in {time.monotonic() - begun:.0f} s, seed {seed}: {dict(ends)}"
    )


@contextmanager
def _databases(storage: str) -> Iterator[tuple[Databases, Path]]:
    with tempfile.TemporaryDirectory() as home:
        databases = provide_databases(load_plugins(), storage, Path(home))
        try:
            yield databases, Path(home)
        finally:
            databases.close()


def main(histories: int = 2500, seed: int = 0) -> int:
    """Both storages; 1 where a law did not hold."""
    return int(sum(campaign(storage, histories, seed) for storage in ("sqlite", "postgres")) > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
