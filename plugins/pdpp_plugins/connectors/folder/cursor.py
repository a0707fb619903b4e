"""Cursors: how far each partition of a stream was read."""

from __future__ import annotations

from pdpp_plugins.connectors.cursor import cursor_object, decode_partitions
from pdpp_plugins.connectors.high_water import HighWater, decode_high_water, decode_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.instants import Instant
    from pdpp_plugins.connectors.scope import Boundary


class Cursor:
    """A stream's cursor: its partitions' high-waters, and the global one of older versions."""

    def __init__(self, partitions: dict[str, HighWater], last_at: Instant | None = None) -> None:
        self.partitions = partitions
        self.last_at = last_at


def decode(boundary: Boundary, raw: object) -> Cursor:
    """The cursor that START carries for a stream; raises Refused when it is not one of ours."""
    cursor = cursor_object(boundary.stream, raw, ("last_at",))
    last_at = decode_time(boundary.stream, cursor["last_at"]) if "last_at" in cursor else None
    return Cursor(decode_partitions(boundary, raw, decode_high_water, HighWater(), ("last_at",)), last_at)
