"""One partition of one stream: which of its lines become records of this run, and how far it is read then."""

from __future__ import annotations

from pdpp_plugins.connectors.folder.reading import Line, Tail
from pdpp_plugins.connectors.folder.shape import parse
from pdpp_plugins.connectors.high_water import HighWater, Reached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from pdpp_plugins.connectors.folder.cursor import Cursor
    from pdpp_plugins.connectors.folder.shape import Shape
    from pdpp_plugins.connectors.notices import Notices
    from pdpp_plugins.connectors.scope import Boundary
    from pdpp_plugins.connectors.wire import Wire


class Partition:
    """Reads one channel's file of one stream."""

    def __init__(self, boundary: Boundary, shape: Shape, channel: str, cursor: Cursor) -> None:
        high = cursor.partitions.get(channel)
        self._boundary = boundary
        self._shape = shape
        self._channel = channel
        self._high = high or HighWater()
        # The global high-water of older versions speaks only where a partition has none of its own.
        self._not_before = None if high else cursor.last_at
        self._reached = Reached()
        self._unended = 0

    def read(self, file: BinaryIO, wire: Wire, notices: Notices) -> HighWater:
        """Emit what is new in the file; returns how far it is read then."""
        tail = Tail(file, self._high)
        if tail.rewritten:
            notices.partition("source_rewritten", self._channel)
        else:
            self._reached.carry_on(self._high)
        for line in tail.lines():
            wire.check()
            if not self._take(line, wire):
                break
            if not line.ended and line.raw is not None:
                tail.prefix.advance(line.raw)
        high = self._reached.high_water(tail.prefix)
        if self._unended:  # the next run will meet it again, so the cursor does not count it
            self._reached.pass_over("source_lines_too_long", self._unended)
        for reason, passed in self._reached.passed.items():
            notices.lines(reason, self._channel, passed)
        return high

    def _take(self, line: Line, wire: Wire) -> bool:
        """Whether the line is dealt with; False leaves it to the next run."""
        if line.raw is None:
            if line.ended:
                self._reached.pass_over("source_lines_too_long", line.number)
            else:
                self._unended = line.number
            return line.ended
        if not line.raw.strip():
            return line.ended
        try:
            data = self._shape.record(self._channel, parse(line.raw))
        except ValueError:
            if not line.ended:  # it is being written
                return False
            data = None
        if data is None:
            self._reached.pass_over("source_lines_malformed", line.number)
        else:
            self._emit(data, wire)
        return True

    def _emit(self, data: dict[str, str], wire: Wire) -> None:
        at = self._reached.see(data["at"])
        if self._not_before and at and at < self._not_before:
            return
        key = [self._channel, data["id"]]
        if self._boundary.inside(key, data):
            wire.record(self._boundary.stream, key, self._boundary.project(data))
