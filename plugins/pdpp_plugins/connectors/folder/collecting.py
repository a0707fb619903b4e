"""Collecting: from START to the last STATE, stream by stream and channel by channel."""

from __future__ import annotations

from pdpp_plugins.connectors.collecting import Stream, boundaries, cursors, manifests, say_unknown
from pdpp_plugins.connectors.folder.cursor import decode
from pdpp_plugins.connectors.folder.inventory import Channels
from pdpp_plugins.connectors.folder.partition import Partition
from pdpp_plugins.connectors.folder.shape import Shape
from pdpp_plugins.connectors.high_water import HighWater
from pdpp_plugins.connectors.root import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.folder.cursor import Cursor
    from pdpp_plugins.connectors.scope import Boundary
    from pdpp_plugins.connectors.wire import Wire


def collect(start: dict[str, Any], wire: Wire) -> None:
    """Collect what START asks for; every cursor and bound is understood before the first record goes out."""
    known, state = manifests(__file__), cursors(start)
    streams = [
        (boundary, Shape(known[boundary.stream]), decode(boundary, state.get(boundary.stream)))
        for boundary in boundaries(start, known)
    ]
    channels = listed(start, Channels)
    say_unknown(start, known, wire)
    for boundary, shape, cursor in streams:
        _collect_stream(channels, boundary, shape, cursor, wire)


def _collect_stream(channels: Channels, boundary: Boundary, shape: Shape, cursor: Cursor, wire: Wire) -> None:
    stream = Stream(boundary, wire)

    def read(channel: str) -> HighWater:
        partition = Partition(boundary, shape, channel, cursor)
        with channels.open(channel, f"{boundary.stream}.jsonl") as file:
            return partition.read(file, wire, stream.notices)

    stream.collect(channels, cursor.partitions, read, HighWater())
