"""How fast we are, beside what bounds us: `make bench`, or `python bench [NAME…]` for some of it.

Each figure is a ratio of two medians that were measured by turns in one run; its goal is that of the design.
A table is printed, and everything, with what machine it was, is kept in `reports/bench/bench.json`.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parent))

import ingest
import memory
import reading
import starting
from figures import Figure, kept, told

MEASURES = {
    "ingest-sqlite": ingest.on_sqlite,
    "ingest-postgres": ingest.on_postgres,
    "ingest-again": ingest.beside_what_is_there,
    "list": reading.lists,
    "start": starting.host,
    "conformance": starting.conformance,
    "memory": memory.million,
}


def main(names: list[str]) -> int:
    """Measure, print and keep; 2 for a name that there is not."""
    unknown = set(names) - MEASURES.keys()
    if unknown:
        print(f"bench: no {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    found: list[Figure] = []
    for name in names or MEASURES:
        for figure in MEASURES[name]():
            found.append(figure)
            print(told(figure), flush=True)
    print(f"kept in {kept(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
