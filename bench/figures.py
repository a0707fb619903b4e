"""A figure: what it is about, ours, what stands beside it, and the goal."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

REPORT = Path(__file__).parents[1] / "reports" / "bench" / "bench.json"
TIMES = 5


@dataclass(frozen=True)
class Figure:
    """`ours` and `beside` in `unit`; `goal` is the most that `ours` may be, in `beside`s where there is one.

    A goal that the design has no number for is left out.
    """

    about: str
    unit: str
    ours: float
    goal: float | None = None
    beside: float | None = None
    floor: str = ""

    @property
    def measured(self) -> float:
        """What the goal is held against: the ratio, or ours where nothing stands beside it."""
        return self.ours if self.beside is None else self.ours / self.beside


def by_turns(*ways: Callable[[], float], times: int = TIMES) -> list[float]:
    """The median of what each way measures, each way once a round, so that all meet the same weather."""
    seen = [[way() for way in ways] for _ in range(times)]
    return [statistics.median(row[n] for row in seen) for n in range(len(ways))]


def seconds(what: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def told(figure: Figure) -> str:
    """A row of the table."""
    beside = f"{figure.beside:10.3f} {figure.floor}" if figure.beside is not None else f"{'':10}"
    ratio = f"{figure.measured:6.1f} x" if figure.beside is not None else f"{'':8}"
    goal = "" if figure.goal is None else f"goal {figure.goal:g}: {'met' if _met(figure) else 'NOT MET'}"
    return f"{figure.about:58} {figure.ours:10.3f} {figure.unit:4} {ratio} {goal:20} {beside}".rstrip()


def _met(figure: Figure) -> bool:
    return figure.goal is not None and figure.measured <= figure.goal


def kept(figures: list[Figure]) -> Path:
    """Write all of it down, with what machine it was; the file."""
    machine = {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": os.getloadavg(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    rows = [asdict(each) | {"measured": each.measured, "met": _met(each)} for each in figures]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps({"machine": machine, "figures": rows}, indent=2) + "\n")
    return REPORT
