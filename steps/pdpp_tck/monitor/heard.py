"""What the monitor hears: one line with its message, and the breach that a line may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

LINE_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a line breaks: `n` is the line's number in its transcript, `what` says how, for a person.

    `what` repeats nothing of a record but its stream, key and field names.
    """

    rule: str
    n: int
    what: str


class Noted(Protocol):
    """A line as it was noted: `direction` is in, out, err or exit; `utf8` whether its bytes were UTF-8."""

    @property
    def n(self) -> int: ...
    @property
    def direction(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def utf8(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """One line: who said it (`in`: the host, `out`: the connector, `err`: its stderr) and what it holds.

    `message` is the line's JSON object, None where the line holds none. `flaw` says what is wrong with
    its shape; a watcher that reads fields looks at messages without one only.
    """

    n: int
    direction: str
    text: str
    message: dict[str, Any] | None = None
    flaw: str | None = None

    @property
    def type(self) -> str:
        """The message's type; empty where it has none."""
        kind = self.message.get("type") if self.message else None
        return kind if isinstance(kind, str) else ""

    @property
    def stream(self) -> str | None:
        """The stream that the message names."""
        stream = self.message.get("stream") if self.message else None
        return stream if isinstance(stream, str) else None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a connector may do in a run: what its manifest declares, and what may not leave its records."""

    streams: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()

    @staticmethod
    def of(manifest: dict[str, Any], secrets: frozenset[str] = frozenset()) -> Limits:
        """The limits that a manifest draws; one of the wrong shape draws none."""
        streams = manifest.get("streams")
        named = streams if isinstance(streams, list) else []
        return Limits({s["name"]: s for s in named if isinstance(s, dict) and "name" in s}, secrets)


class Watcher(Protocol):
    """One part of the monitor: hears every line of one transcript, then how it ended."""

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """The breaches that this line is."""

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """The breaches that the connector's end is: line `n` notes its exit status."""
