"""High-waters: how far the one file of a partition was read."""

from __future__ import annotations

from hashlib import sha256

from pdpp_plugins.connectors.instants import Instant, instant
from pdpp_plugins.connectors.notices import MESSAGES
from pdpp_plugins.connectors.passed import Passed, copies, decode_passed, encode_passed, is_count
from pdpp_plugins.connectors.refusals import cursor_not_understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.prefix import Prefix

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

    @property
    def begun(self) -> bool:
        """Whether anything of the file was read."""
        return self.offset > 0

    def encode(self) -> dict[str, Any]:
        """As STATE carries it; `passed_over` only where lines were."""
        cursor: dict[str, Any] = {"offset": self.offset, "digest": self.digest, "newest": self.newest}
        if self.passed:
            cursor["passed_over"] = encode_passed(self.passed)
        return cursor


class Reached:
    """What a high-water gathers beside the prefix while a file is read."""

    def __init__(self) -> None:
        self.passed: dict[str, Passed] = {}
        self._newest: tuple[Instant, str] | None = None

    def carry_on(self, high: HighWater) -> None:
        """Begin with what was gathered before."""
        self.passed = copies(high.passed)
        if high.newest is not None:
            self.see(high.newest)

    def see(self, text: str) -> Instant | None:
        """Take a record's time in; returns it when it is one."""
        at = instant(text)
        if at and (self._newest is None or self._newest[0] < at):
            self._newest = (at, text)
        return at

    def pass_over(self, reason: str, number: int) -> None:
        """A line was passed over."""
        self.passed.setdefault(reason, Passed()).add(number)

    def high_water(self, prefix: Prefix) -> HighWater:
        """The high-water that stands at the end of `prefix`."""
        newest = self._newest[1] if self._newest else None
        return HighWater(prefix.offset, prefix.digest, newest, copies(self.passed))


def decode_high_water(stream: str, raw: object) -> HighWater:
    """What `HighWater.encode` wrote; raises Refused for anything else."""
    if not isinstance(raw, dict) or not {"offset", "digest", "newest"} <= raw.keys():
        raise cursor_not_understood(stream)
    offset, digest, newest = raw["offset"], raw["digest"], raw["newest"]
    if not is_count(offset) or not isinstance(digest, str):
        raise cursor_not_understood(stream)
    if newest is not None:
        decode_time(stream, newest)
    return HighWater(offset, digest, newest, decode_passed(stream, raw.get("passed_over", {}), MESSAGES))


def decode_time(stream: str, text: object) -> Instant:
    """The instant that a cursor names; raises Refused when it is none."""
    at = instant(text) if isinstance(text, str) else None
    if at is None:
        raise cursor_not_understood(stream)
    return at
