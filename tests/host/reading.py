"""Many readers against one writer: what each was shown, and what it must have been shown at least.

The writer gives each connection ever higher numbers and logs when each was acknowledged; a reader logs when
it asked and the numbers that it was shown. Whether that was right is judged from the log alone.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from threading import Event
from typing import Any

from .processes import Served, asked, connected

Numbers = dict[str, int]


@dataclass(frozen=True)
class Acknowledged:
    """From this moment on a connection has this number, or a higher one; `what` says where it shows."""

    at: float
    what: str
    number: int


@dataclass(frozen=True)
class Read:
    """What a read that was begun at a moment showed."""

    began: float
    shown: Numbers


@dataclass(frozen=True)
class Log:
    """All that was acknowledged and all that was read, and how many looks at the database that took."""

    acknowledged: Sequence[Acknowledged]
    reads: Sequence[Read]
    projections: int


def faults(log: Log) -> list[str]:
    """Reads that are older than what was acknowledged before they began, and reads that shared too little."""
    found = []
    for what in sorted({each.what for each in log.acknowledged}):
        mine = [each for each in log.acknowledged if each.what == what]
        if any(a.at > b.at or a.number >= b.number for a, b in pairwise(mine)):
            found.append(f"the log of {what} does not rise")
            continue
        times = [each.at for each in mine]
        for read in log.reads:
            # What was acknowledged at the very moment was not acknowledged before it.
            before = bisect_left(times, read.began)
            if before and read.shown.get(what, -1) < mine[before - 1].number:
                told = f"{what}: {mine[before - 1].number} was acknowledged and {read.shown.get(what)} shown"
                found.append(told)
    if not log.acknowledged or not log.reads:
        found.append("nothing was written, or nothing was read")
    if 2 * log.projections >= len(log.reads):
        found.append(f"{log.projections} projections for {len(log.reads)} reads")
    return found


def logged(host: Served, readers: int, seconds: float) -> Log:
    """Have so many readers read the list for so long while a writer renames and ingests."""
    [connection, other] = connected(host, 2)
    before = projections(host)
    over = Event()
    with ThreadPoolExecutor(readers + 1) as threads:
        writing = threads.submit(_write, host, connection, over)
        reading = [threads.submit(_read, host, connection, over) for _ in range(readers)]
        over.wait(seconds)
        over.set()
        reads = [read for each in reading for read in each.result()]
        acknowledged = writing.result()
    assert other in host.listed()
    return Log(acknowledged, reads, projections(host) - before)


def projections(host: Served) -> int:
    """Looks at the whole read model so far."""
    return int(host.ask("POST", "/_stage/trace", {"request_id": "none"})["projections"])


def _write(host: Served, connection: str, over: Event) -> list[Acknowledged]:
    found, number = [], 0
    with host.client() as client:
        while not over.is_set():
            number += 1
            if number % 2:
                asked(client, "PATCH", f"/_ref/connections/{connection}", {"display_name": str(number)})
                what, shown = "name", number
            else:
                body = {"connection_id": connection, "stream": "notes", "count": number // 2, "prefix": "w"}
                asked(client, "POST", "/_stage/records", body)
                what, shown = "records", 1 + number // 2
            found.append(Acknowledged(time.monotonic(), what, shown))
    return found


def _read(host: Served, connection: str, over: Event) -> list[Read]:
    found = []
    with host.client() as client:
        while not over.is_set():
            began = time.monotonic()
            rows: list[dict[str, Any]] = asked(client, "GET", "/_ref/connectors")["data"]
            [row] = [row for row in rows if row["connection_id"] == connection]
            name = row["display_name"]
            numbers = {"name": int(name) if name.isdigit() else 0, "records": row["retained"]["records"]}
            found.append(Read(began, numbers))
    return found
