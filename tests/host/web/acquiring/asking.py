"""What is asked of the host, and what of it is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .model import FEBRUARY, SINCE, STREAMS, Asked, Batch, Line, Path, inside
from .model import Rule as InForce


@dataclass
class Going:
    """A run that waits in its middle: `go` lets it say the rest."""

    connection: str
    run_id: str
    batch: Batch
    asked: Asked
    met: set[tuple[str, ...]]
    end: str
    go: Callable[[], None]
    cursors: dict[str, Any]
    played: bytes


def asked_for(
    rules: dict[str, InForce], path: Path, ordinal: int, claimed: bool, narrowing: str | None, end: str
) -> tuple[Asked, dict[str, Any]]:
    """The request, and what it comes to."""
    request: dict[str, Any] = {"coverage": {"notes": "full_refresh"}} if claimed else {}
    window = {"since": SINCE} if path.kind == "daily" else None
    if narrowing == "window":
        request["time_range"], window = {"notes": FEBRUARY}, FEBRUARY
    if narrowing == "resources":
        request["resources"] = {"notes": ["a"]}
    entitled = narrowing != "resources" and end not in ("skip", "skip nameless")
    streams = ("notes",) if request else STREAMS
    in_force = dict(sorted(rules.items()))
    return Asked(ordinal, streams, claimed, window, narrowing is not None, entitled, in_force), request


def fitting(said: list[Line], asked: Asked, narrowing: str | None) -> list[Line]:
    """The lines that a run in this scope may say."""
    return [
        line
        for line in said
        if line.stream in asked.streams
        and inside(line.at, asked.window)
        and (narrowing != "resources" or line.key == "a")
    ]
