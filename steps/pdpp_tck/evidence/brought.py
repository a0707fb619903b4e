"""Records as a table of acquisitions names them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

STREAM = "messages"


@dataclass(frozen=True, slots=True)
class Brought:
    """A record as a table names it: `key`, `key/words` or `key@time`; its text can be searched for."""

    key: str
    text: str
    at: str | None

    @classmethod
    def read(cls, told: str) -> Brought:
        """The record behind such a name."""
        rest, _, at = told.strip().partition("@")
        key, _, words = rest.partition("/")
        return cls(key, f"note {sha256((words or key).encode()).hexdigest()[:12]}", at or None)

    @property
    def line(self) -> dict[str, Any]:
        """Its RECORD line."""
        data = {"id": self.key, "text": self.text} | ({"at": self.at} if self.at else {})
        common = {"type": "RECORD", "stream": STREAM, "key": self.key}
        return common | {"data": data, "emitted_at": "2024-07-01T00:00:00Z"}


def brought(told: str) -> list[Brought]:
    """The records in a table's cell."""
    return [Brought.read(each) for each in told.split(",") if each.strip()]
