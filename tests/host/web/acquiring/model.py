"""What must be visible after any acquisitions: the rules of writing once more, with sets and dictionaries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

STREAMS = ("notes", "log")
METHODS = {"archive": "owner_artifact", "api": "provider_api", "daily": "device_sync"}
SINCE = "2026-02-01T00:00:00Z"
FEBRUARY = {"since": SINCE, "until": "2026-03-01T00:00:00Z"}

Name = tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A record that a connector says: an upsert or a delete, with the same data."""

    stream: str
    key: str
    text: str | None
    at: str | None
    n: int
    gone: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """Its data."""
        told = {"text": self.text, "at": self.at, "n": self.n}
        return {"id": self.key} | {name: value for name, value in told.items() if value is not None}


@dataclass
class Held:
    """A record that is visible: what it says, who has seen it, and the batch that wrote it so."""

    line: Line
    seen: set[int]
    batch: str


@dataclass(frozen=True)
class Path:
    """A path of a connection; an archive has no root."""

    kind: str
    person: str
    root: str | None


@dataclass
class Batch:
    """A batch; `coverage` has a word for each stream, True where it had authority."""

    batch_id: str
    path: int
    method: str
    status: str = "open"
    parsed: int = 0
    coverage: dict[str, bool | None] = field(default_factory=dict)


@dataclass
class Connection:
    """A connection: its paths, what is visible of it, its batches, and its cursors by path and stream."""

    paths: list[Path]
    records: dict[Name, Held] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    cursors: dict[tuple[int, str], Any] = field(default_factory=dict)
    proofs: set[tuple[int, int, str]] = field(default_factory=set)
    superseded_by: str | None = None
    artifacts: list[tuple[bytes, tuple[str, ...], str]] = field(default_factory=list)

    def known(self, content: bytes, streams: tuple[str, ...]) -> str | None:
        """The batch that took these bytes in, with all of these streams."""
        took = (batch for had, of, batch in self.artifacts if had == content and set(streams) <= set(of))
        return next(took, None)


@dataclass(frozen=True)
class Rule:
    """A rule in force: whether it proves ana's sources to be one, names notes by their text, lets cross."""

    proves: bool
    names: bool
    crosses: bool


@dataclass(frozen=True)
class Asked:
    """A run or import as it was asked for, with the rules that were in force when it began."""

    path: int
    streams: tuple[str, ...]
    claimed: bool
    window: dict[str, str] | None
    narrowed: bool
    entitled: bool
    rules: dict[str, Rule]


class Model:
    """What a host must remember."""

    def __init__(self) -> None:
        self.connections: dict[str, Connection] = {}
        self.rules: dict[str, Rule] = {}

    def proving(self, a: Path, b: Path) -> list[str]:
        """The rules that prove two paths to be one source."""
        ana = a.person == b.person == "ana"
        return [name for name, rule in self.rules.items() if rule.proves and ana]

    def disagree(self, lines: Iterable[Line]) -> bool:
        """Whether two rules have a name for one of these records: theirs always differ."""
        naming = [rule for rule in self.rules.values() if rule.names]
        return len(naming) > 1 and any(line.stream == "notes" and line.text for line in lines)

    def link(self) -> None:
        """What is proved to be one source goes on in the older connection; nothing moves."""
        living = [name for name, each in self.connections.items() if each.superseded_by is None]
        for number, younger in enumerate(living):
            for older in living[:number]:
                if self.connections[older].superseded_by is None and self._linked(older, younger):
                    break

    def _linked(self, older: str, younger: str) -> bool:
        there, coming = self.connections[older], self.connections[younger]
        known = list(there.paths)
        if not any(self.proving(a, b) for a in known for b in coming.paths):
            return False
        for path in coming.paths:
            if path not in there.paths:
                there.paths.append(path)
            own = there.paths.index(path)
            there.proofs |= {(own, known.index(b), rule) for b in known for rule in self.proving(path, b)}
        coming.superseded_by = older
        return True

    def write(self, connection: str, batch: Batch, asked: Asked, lines: Iterable[Line]) -> set[Name]:
        """Take a batch's records in; the names of those that it holds."""
        records, last = self.connections[connection].records, {}
        for line in lines:
            last[self._name(asked, line)] = line
        for name, line in last.items():
            held = records.get(name)
            if line.gone:
                if held is not None:
                    held.seen.discard(asked.path)
                    if not held.seen:
                        del records[name]
            elif held is None:
                records[name] = Held(line, {asked.path}, batch.batch_id)
            else:
                held.seen.add(asked.path)
                if held.line != line:
                    held.line, held.batch = line, batch.batch_id
        return {name for name, line in last.items() if not line.gone}

    def _name(self, asked: Asked, line: Line) -> Name:
        if line.stream == "notes" and line.text:
            for name, rule in asked.rules.items():
                if rule.names:
                    return ("=", line.stream, name, line.text)
        return (str(asked.path), line.stream, line.key)

    def end(self, connection: str, batch: Batch, asked: Asked, met: set[Name], status: str) -> None:
        """Close a batch; a refresh with authority takes away what it alone could have met and did not."""
        batch.status = status
        authority = asked.claimed and asked.entitled and status == "completed"
        batch.coverage = {stream: stream == "notes" and authority for stream in asked.streams}
        if not authority:
            return
        records = self.connections[connection].records
        allowed = {asked.path} | self._reach(connection, asked)
        for name, held in list(records.items()):
            mine = held.line.stream == "notes" and name not in met and held.seen <= allowed
            if mine and inside(held.line.at, asked.window):
                del records[name]

    def _reach(self, connection: str, asked: Asked) -> set[int]:
        """The paths to which a rule that proved them lets a refresh cross."""
        found = set()
        for a, b, name in self.connections[connection].proofs:
            rule = asked.rules.get(name)
            if rule is not None and rule.proves and rule.crosses and asked.path in (a, b):
                found |= {a, b}
        return found


def inside(at: str | None, window: dict[str, str] | None) -> bool:
    """Whether a time is in a window: since inclusive, until exclusive; no time is outside every window."""
    if window is None:
        return True
    if at is None:
        return False
    moment = datetime.fromisoformat(at)
    until = window.get("until")
    return datetime.fromisoformat(window["since"]) <= moment and (
        until is None or moment < datetime.fromisoformat(until)
    )
