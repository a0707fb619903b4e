"""Cursors: how far each partition of a stream was read."""

from __future__ import annotations

from hashlib import sha256

from pdpp_plugins.connectors.instants import Instant, instant
from pdpp_plugins.connectors.notices import MESSAGES, Passed
from pdpp_plugins.connectors.refusals import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOTHING_READ = sha256(b"").hexdigest()


class HighWater:
    """How far one partition was read: bytes, their SHA-256, the latest time among them, lines passed over."""

    __slots__ = ("digest", "newest", "offset", "passed")

    def __init__(
        self,
        offset: int = 0,
        digest: str = NOTHING_READ,
        newest: str | None = None,
        passed: dict[str, Passed] | None = None,
    ) -> None:
        self.offset = offset
        self.digest = digest
        self.newest = newest
        self.passed = passed or {}

    def encode(self) -> dict[str, Any]:
        """As STATE carries it; `passed_over` only where lines were."""
        cursor: dict[str, Any] = {"offset": self.offset, "digest": self.digest, "newest": self.newest}
        if self.passed:
            cursor["passed_over"] = {
                reason: {"count": passed.count, "lines": passed.lines}
                for reason, passed in self.passed.items()
            }
        return cursor


class Cursor:
    """A stream's cursor: its partitions' high-waters, and the global one of older versions."""

    def __init__(self, partitions: dict[str, HighWater], last_at: Instant | None = None) -> None:
        self.partitions = partitions
        self.last_at = last_at

    def encode(self) -> dict[str, Any]:
        """As STATE carries it: partitions only, for by then every record was decided."""
        return {"partitions": {name: high.encode() for name, high in sorted(self.partitions.items())}}


def decode(stream: str, cursor: object) -> Cursor:
    """The cursor that START carries for a stream; raises Refused when it is not one of ours."""
    if cursor is None:
        return Cursor({})
    if not isinstance(cursor, dict) or not cursor.keys() <= {"partitions", "last_at"}:
        raise _not_understood(stream)
    partitions = cursor.get("partitions", {})
    if not isinstance(partitions, dict):
        raise _not_understood(stream)
    last_at = _time(stream, cursor["last_at"]) if "last_at" in cursor else None
    return Cursor({name: _high_water(stream, raw) for name, raw in partitions.items()}, last_at)


def _high_water(stream: str, raw: object) -> HighWater:
    if not isinstance(raw, dict) or not {"offset", "digest", "newest"} <= raw.keys():
        raise _not_understood(stream)
    offset, digest, newest = raw["offset"], raw["digest"], raw["newest"]
    if not _is_count(offset) or not isinstance(digest, str):
        raise _not_understood(stream)
    if newest is not None:
        _time(stream, newest)
    return HighWater(offset, digest, newest, _passed(stream, raw.get("passed_over", {})))


def _passed(stream: str, raw: object) -> dict[str, Passed]:
    if not isinstance(raw, dict) or not raw.keys() <= MESSAGES.keys():
        raise _not_understood(stream)
    return {reason: _passed_of(stream, entry) for reason, entry in raw.items()}


def _passed_of(stream: str, raw: object) -> Passed:
    if not isinstance(raw, dict) or not _is_count(raw.get("count")):
        raise _not_understood(stream)
    lines = raw.get("lines")
    if not isinstance(lines, list) or not all(map(_is_count, lines)):
        raise _not_understood(stream)
    return Passed(raw["count"], lines)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _time(stream: str, text: object) -> Instant:
    at = instant(text) if isinstance(text, str) else None
    if at is None:
        raise _not_understood(stream)
    return at


def _not_understood(stream: str) -> Refused:
    return Refused(
        f"the cursor of stream {stream!r} was not written by this connector",
        "cursor_not_understood",
        recovery_hint="retry_on_connector_upgrade",
    )
