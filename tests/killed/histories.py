"""What a host is asked to do, drawn from a seed: runs, imports, an owner's changes, looks, rebuilds."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any, Literal

STREAMS, KEYS = ("notes", "calls"), ("a", "b", "c", "d")
CONNECTIONS = ("conn0", "conn1")

End = Literal["succeeded", "failed", "gone", "foreign"]
Write = tuple[str, str, str | None]
"""A stream, a key, and the record's data as JSON, or None for a delete."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Writes up to a STATE, or to the end; `cursor` is that STATE's stream and number."""

    writes: tuple[Write, ...]
    cursor: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Collecting:
    """A run of a connection's first path, or an import by its second; perhaps a refresh of everything."""

    connection: str
    batches: tuple[Batch, ...]
    end: End
    imported: bool
    refreshing: bool

    @property
    def path(self) -> int:
        """The path that collects."""
        return int(self.imported)

    def said(self) -> bytes:
        """What the connector says, as it stands in the file that it reads."""
        lines: list[dict[str, Any]] = []
        for batch in self.batches:
            lines += [_record(*write) for write in batch.writes]
            if batch.cursor is not None:
                stream, number = batch.cursor
                lines.append({"type": "STATE", "stream": stream, "cursor": {"n": number}})
        emitted = sum(line["type"] == "RECORD" for line in lines)
        if self.end == "foreign":
            lines.append(_record("nobody's", "a", '{"id":"a"}'))
        elif self.end != "gone":
            lines.append({"type": "DONE", "status": self.end, "records_emitted": emitted})
        # A blank line first, for an artifact that says nothing must not be empty.
        return b"\n" + b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Renaming:
    """An owner gives a connection another name."""

    connection: str
    name: str


@dataclass(frozen=True, slots=True)
class Looking:
    """Somebody reads the list, which folds and keeps what is dirty."""


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """An owner has the read model made anew."""


Step = Collecting | Renaming | Looking | Rebuilding


@dataclass(frozen=True, slots=True)
class Moment:
    """When a host dies: at a line of its own within a step, or beside a commit; step -1 is its start."""

    step: int
    at: Literal["line", "before commit", "after commit"]
    number: int


@dataclass(frozen=True, slots=True)
class History:
    """What is done, when its hosts die, and whether the step in which one died is then done again.

    The batches of a `small` one are of a few records, so that one is written while the next one fills.
    """

    seed: int
    steps: tuple[Step, ...]
    deaths: tuple[Moment, ...]
    again: bool
    small: bool = False


def drawn(seed: int) -> History:
    """The history of a seed, always the same."""
    chance = random.Random(seed)
    steps = tuple(_step(chance, number) for number in range(chance.randint(3, 5)))
    deaths = tuple(_moment(chance, steps) for _ in range(chance.randint(1, 3)))
    in_order = tuple(sorted(deaths, key=lambda each: each.step))
    return History(seed, steps, in_order, chance.random() < 0.7, chance.random() < 0.5)


# How many lines of the host's a step takes at most, as measured; a host that is to die later than its
# step ends dies in one that follows.
LINES = {Collecting: 2600, Renaming: 700, Looking: 900, Rebuilding: 1300}
STARTING = 1500
_COMMITS = 6


def _step(chance: random.Random, number: int) -> Step:
    kind = chance.choices((Collecting, Renaming, Looking, Rebuilding), (8, 1, 1, 1))[0]
    connection = chance.choice(CONNECTIONS)
    if kind is Collecting:
        batches = tuple(_batch(chance, number, each) for each in range(chance.randint(1, 4)))
        end = chance.choices(("succeeded", "failed", "gone", "foreign"), (7, 1, 1, 1))[0]
        return Collecting(connection, batches, end, chance.random() < 0.3, chance.random() < 0.25)
    return Renaming(connection, f"name {number}") if kind is Renaming else kind()


def _batch(chance: random.Random, step: int, number: int) -> Batch:
    writes = tuple(_write(chance, step) for _ in range(chance.randint(0, 5)))
    cursor = (chance.choice(STREAMS), 100 * step + number) if chance.random() < 0.8 else None
    return Batch(writes, cursor)


def _write(chance: random.Random, step: int) -> Write:
    stream, key = chance.choice(STREAMS), chance.choice(KEYS)
    if chance.random() < 0.2:
        return stream, key, None
    # Half of what is written is the same in each step, so that much is only seen again.
    return stream, key, json.dumps({"id": key, "n": chance.choice((0, step))}, separators=(",", ":"))


def _moment(chance: random.Random, steps: tuple[Step, ...]) -> Moment:
    step = chance.randint(-1, len(steps) - 1)
    if chance.random() < 0.3:
        at = chance.choice(("before commit", "after commit"))
        return Moment(step, at, chance.randint(1, _COMMITS))
    lines = STARTING if step < 0 else LINES[type(steps[step])]
    return Moment(step, "line", chance.randint(1, lines))


def _record(stream: str, key: str, data: str | None) -> dict[str, Any]:
    said = {"type": "RECORD", "stream": stream, "key": key, "emitted_at": "2026-05-01T10:00:00Z"}
    return said | ({"op": "delete"} if data is None else {"data": json.loads(data)})
