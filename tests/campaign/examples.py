"""The examples judged whole: each conforms, and each mistake fails its own clause and no other."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE / "examples")]

from planting import NEEDS, copied, failed, judged, mistakes, plant  # noqa: E402

# Two thousand partitions are asked for once, of the example as it stands.
SHORTER = ("--select", "PR-01.1,PR-01.2,PR-01/still-missing,PR-01/empty-partition,PR-02,PR-03,CP")


def main() -> int:
    """Judge each example as it stands, then with each of its mistakes."""
    wrong = 0
    for example in NEEDS:
        for mistake in (None, *mistakes(example)):
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as home:
                folder = copied(example, Path(home))
                if mistake is not None:
                    plant(mistake, folder)
                ran = judged(folder, *(SHORTER if mistake else ()))
            due = {mistake.clause} if mistake else set()
            held = failed(ran) == due and ran.status == (1 if mistake else 0)
            wrong += not held
            told = f"{example}  {mistake.clause if mistake else 'as it stands'}  status {ran.status}"
            seen = "held" if held else f"NOT HELD: failed are {sorted(failed(ran))}"
            print(f"{told}  {time.monotonic() - began:.0f} s  {seen}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
