"""Reading: the lines that were added to a file since its prefix was read."""

from __future__ import annotations

import os

from pdpp_plugins.connectors.prefix import CHUNK, Prefix, resumed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from pdpp_plugins.connectors.high_water import HighWater

LONGEST_LINE = 8 * 1024 * 1024


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
        prefix = resumed(file, self._size, high)
        self.rewritten = prefix is None
        self.prefix = prefix or Prefix()
        if self.rewritten:
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

    def _pass_over(self, raw: bytes) -> bool:
        beyond = self.prefix.copy()
        beyond.advance(raw)
        while not raw.endswith(b"\n"):
            raw = self._piece(beyond, CHUNK)
            if not raw:
                return False
            beyond.advance(raw)
        self.prefix = beyond
        return True

    def _piece(self, prefix: Prefix, limit: int) -> bytes:
        return self._file.readline(min(limit, self._size - prefix.offset))
