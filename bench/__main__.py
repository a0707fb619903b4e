"""How fast we are, beside what bounds us: `make bench`, or `python bench [NAME…]` for some of it.

Each figure is a ratio of two medians that were measured by turns in one run; its goal is that of the design.
A table is printed, and everything, with what machine it was, is kept in `reports/bench/bench.json`, or for
some of it in a file that their names name. `falsify` takes minutes and is measured only where it is named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parent))

import costs
import ingest
import machine
import memory
import peers
import reading
import starting
from figures import Found, kept, told

MEASURES: dict[str, Callable[[], Iterable[Found]]] = {
    "ingest-sqlite": ingest.on_sqlite,
    "ingest-postgres": ingest.on_postgres,
    "ingest-again": ingest.beside_what_is_there,
    "peers-sqlite": peers.on_sqlite,
    "peers-postgres": peers.on_postgres,
    "list": reading.lists,
    "rebuild": costs.rebuilding,
    "refresh": costs.refreshing,
    "start": starting.host,
    "conformance": starting.conformance,
    "memory-sqlite": memory.on_sqlite,
    "memory-postgres": memory.on_postgres,
}
NAMED: dict[str, Callable[[], Iterable[Found]]] = {"falsify": starting.falsify}


def main(names: list[str]) -> int:
    """Measure, print and keep; 2 for a name that there is not."""
    every = MEASURES | NAMED
    unknown = set(names) - every.keys()
    if unknown:
        print(f"bench: no {', '.join(sorted(unknown))}; there are {', '.join(every)}", file=sys.stderr)
        return 2
    of, found = machine.facts(), list[Found]()
    print(", ".join(f"{name} {fact}" for name, fact in of.items()))
    try:
        for name in names or MEASURES:
            for each in every[name]():
                found.append(each)
                print(told(each), flush=True)
    finally:
        # What was measured before something broke, or was interrupted, is not lost.
        print(f"kept in {kept(found, of | {'load_after': machine.load()}, names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
