"""Records as a table of acquisitions names them."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

STREAM, DRAFTS = "messages", "drafts"
STREAMS = (STREAM, DRAFTS)
SCHEDULE = 4321
"""The seconds between runs that an owner wants, where an owner wants any."""
# Inside the window that refreshes are bounded to, lest a record without a time be given this one unseen.
_EMITTED = "2024-02-15T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Brought:
    """A record as a table names it: `key`, `key/words`, `key@time` or `key in drafts`; texts can be found."""

    key: str
    text: str
    at: str | None
    stream: str = STREAM

    @classmethod
    def read(cls, told: str) -> Brought:
        """The record behind such a name."""
        told, _, stream = told.strip().partition(" in ")
        rest, _, at = told.partition("@")
        key, _, words = rest.partition("/")
        named = f"{words or key} in {stream}" if stream else words or key
        return cls(key, f"note {sha256(named.encode()).hexdigest()[:12]}", at or None, stream or STREAM)

    @property
    def line(self) -> dict[str, Any]:
        """Its RECORD line."""
        data = {"id": self.key, "text": self.text} | ({"at": self.at} if self.at else {})
        common = {"type": "RECORD", "stream": self.stream, "key": self.key}
        return common | {"data": data, "emitted_at": _EMITTED}


def brought(told: str) -> list[Brought]:
    """The records in a table's cell."""
    return [Brought.read(each) for each in told.split(",") if each.strip()]
