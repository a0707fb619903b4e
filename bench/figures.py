"""A figure: what it is about, ours, what stands beside it, and the goal."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REPORTS = Path(__file__).parents[1] / "reports" / "bench"
TIMES = 5


@dataclass(frozen=True)
class Figure:
    """`ours` and `beside` in `unit`; `goal` is the most that `ours` may be, in `beside`s where there is one.

    A goal that the design has no number for is left out. `floor` names what stands beside us; where that is
    a `peer`, which does the same work, the figure is told as how many times as fast as it we are.
    """

    about: str
    unit: str
    ours: float
    goal: float | None = None
    beside: float | None = None
    floor: str = ""
    peer: bool = False

    @property
    def measured(self) -> float:
        """What the goal is held against: the ratio, or ours where nothing stands beside it."""
        return self.ours if self.beside is None else self.ours / self.beside


@dataclass(frozen=True)
class NotRun:
    """What was to be measured and could not be, and why."""

    about: str
    why: str


Found = Figure | NotRun


def by_turns(*ways: Callable[[], float], times: int = TIMES) -> list[float]:
    """The median of what each way measures, each way once a round, so that all meet the same weather."""
    seen = [[way() for way in ways] for _ in range(times)]
    return [statistics.median(row[n] for row in seen) for n in range(len(ways))]


def seconds(what: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def told(found: Found) -> str:
    """A row of the table."""
    if isinstance(found, NotRun):
        return f"{found.about:58} not run: {found.why}"
    beside = f"{'':10}" if found.beside is None else f"{found.beside:10.3f} {found.floor}"
    held = f"{_ratio(found):17} {_goal(found):24}"
    return f"{found.about:58} {found.ours:10.3f} {found.unit:4} {held} {beside}".rstrip()


def _ratio(figure: Figure) -> str:
    if figure.beside is None:
        return ""
    return f"{1 / figure.measured:6.1f} x as fast" if figure.peer else f"{figure.measured:6.1f} x"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    goal = f"{1 / figure.goal:g} x as fast" if figure.peer else f"{figure.goal:g}"
    return f"goal {goal}: {'met' if _met(figure) else 'NOT MET'}"


def _met(figure: Figure) -> bool:
    return figure.goal is not None and figure.measured <= figure.goal


def kept(found: Sequence[Found], machine: dict[str, Any], names: Sequence[str]) -> Path:
    """Write all of it down, with what machine it was; the file, which is another one for a part of it."""
    report = REPORTS / f"{'-'.join(['bench', *names])}.json"
    REPORTS.mkdir(parents=True, exist_ok=True)
    report.write_text(
        json.dumps({"machine": machine, "figures": [_row(each) for each in found]}, indent=2) + "\n"
    )
    return report


def _row(found: Found) -> dict[str, Any]:
    more = {} if isinstance(found, NotRun) else {"measured": found.measured, "met": _met(found)}
    return asdict(found) | more
