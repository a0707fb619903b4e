"""Reading: the lines that were added to a file since its prefix was read."""

from __future__ import annotations

import os
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from pdpp_plugins.connectors.folder.cursor import HighWater

LONGEST_LINE = 8 * 1024 * 1024
_CHUNK = 1024 * 1024


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


class Line:
    """A line: its number, its bytes (None beyond 8 MiB), and whether a line feed ended it."""

    __slots__ = ("ended", "number", "raw")

    def __init__(self, number: int, raw: bytes | None, *, ended: bool) -> None:
        self.number = number
        self.raw = raw
        self.ended = ended


class Tail:
    """The rest of a file after the prefix that was read before."""

    def __init__(self, file: BinaryIO, high: HighWater) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self.prefix = Prefix()
        self.rewritten = not self._resume(high)
        if self.rewritten:
            self.prefix = Prefix()
            file.seek(0)

    def lines(self) -> Iterator[Line]:
        """Lines up to the size that the file had when it was opened.

        The prefix advances over a line once it ended; the reader advances it over a last line that did not.
        """
        while raw := self._piece(self.prefix, LONGEST_LINE + 1):
            number = self.prefix.line_feeds + 1
            if len(raw) > LONGEST_LINE:
                yield Line(number, None, ended=self._pass_over(raw))
            elif raw.endswith(b"\n"):
                self.prefix.advance(raw)
                yield Line(number, raw, ended=True)
            else:
                yield Line(number, raw, ended=False)
                return

    def _resume(self, high: HighWater) -> bool:
        if high.offset > self._size:
            return False
        while left := high.offset - self.prefix.offset:
            raw = self._file.read(min(_CHUNK, left))
            if not raw:
                return False
            self.prefix.advance(raw)
        return not high.offset or self.prefix.digest == high.digest

    def _pass_over(self, raw: bytes) -> bool:
        beyond = self.prefix.copy()
        beyond.advance(raw)
        while not raw.endswith(b"\n"):
            raw = self._piece(beyond, _CHUNK)
            if not raw:
                return False
            beyond.advance(raw)
        self.prefix = beyond
        return True

    def _piece(self, prefix: Prefix, limit: int) -> bytes:
        return self._file.readline(min(limit, self._size - prefix.offset))
