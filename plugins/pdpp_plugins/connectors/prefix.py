"""Prefixes: the part of a file that was read, and whether a file still begins with it."""

from __future__ import annotations

from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from pdpp_plugins.connectors.high_water import HighWater

CHUNK = 1024 * 1024


class Prefix:
    """The part of a file that is read: its length, its line feeds and its hash."""

    __slots__ = ("_hash", "line_feeds", "offset")

    def __init__(self) -> None:
        self.offset = 0
        self.line_feeds = 0
        self._hash = sha256()

    @property
    def digest(self) -> str:
        """The SHA-256 of the prefix."""
        return self._hash.hexdigest()

    def advance(self, raw: bytes) -> None:
        """Take these bytes in."""
        self.offset += len(raw)
        self.line_feeds += raw.count(b"\n")
        self._hash.update(raw)

    def copy(self) -> Prefix:
        """An equal prefix that advances by itself."""
        twin = Prefix()
        twin.offset, twin.line_feeds, twin._hash = self.offset, self.line_feeds, self._hash.copy()
        return twin


def resumed(file: BinaryIO, size: int, high: HighWater) -> Prefix | None:
    """The prefix up to a high-water, read off the file; None when the file no longer begins with it."""
    prefix = Prefix()
    if high.offset > size:
        return None
    while left := high.offset - prefix.offset:
        raw = file.read(min(CHUNK, left))
        if not raw:
            return None
        prefix.advance(raw)
    return prefix if not high.offset or prefix.digest == high.digest else None
