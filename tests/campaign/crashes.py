"""Hosts killed at a random moment, 50 times on each storage: nothing acknowledged is lost.

`python tests/campaign/crashes.py [TIMES] [SEED]` prints how the killed runs ended; any loss ends it.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from storage.crash import crash_and_come_back

from pdpp_host.compose import provide_databases
from pdpp_host.plugins import load_plugins
from pdpp_host.ports import StorageMissing

RECORDS = 50_000
LONGEST_S = 2.5


def campaign(storage: str, times: int, seed: int) -> None:
    """Kill and look, again and again."""
    chance, ends, begun = random.Random(seed), Counter[str](), time.monotonic()

    def at_random(host: subprocess.Popen[str]) -> int:
        with suppress(subprocess.TimeoutExpired):
            host.wait(chance.uniform(0.3, LONGEST_S))
        return 0

    with tempfile.TemporaryDirectory() as home:
        try:
            databases = provide_databases(load_plugins(), storage, Path(home))
        except StorageMissing as error:
            print(f"{storage}: not run: {error}")
            return
        try:
            for n in range(times):
                folder, url = Path(home) / str(n), databases.fresh()
                folder.mkdir()
                ends[crash_and_come_back(url, folder, RECORDS, at_random).split(" with")[0]] += 1
                databases.drop(url)
        finally:
            databases.close()
    print(f"{storage}: killed {times} times in {time.monotonic() - begun:.0f} s, seed {seed}: {dict(ends)}")


def main(times: int = 50, seed: int = 6) -> None:
    """Both storages."""
    for storage in ("sqlite", "postgres"):
        campaign(storage, times, seed)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
