"""Cursors: how far each mailbox was read, a prefix of an mbox file or the messages of a Maildir folder."""

from __future__ import annotations

from pdpp_plugins.connectors.cursor import decode_partitions, encode_partitions
from pdpp_plugins.connectors.high_water import HighWater, decode_high_water
from pdpp_plugins.connectors.mailbox.seen import Seen, decode_seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.scope import Boundary

    Reached = HighWater | Seen

MOST_SEEN = 200_000
"""So many messages in Maildir folders make a cursor of 4 MB; hosts take lines of 64 MiB."""


def decode(boundary: Boundary, raw: object) -> dict[str, Reached]:
    """The cursor that START carries for a stream; raises Refused when it is not one of ours."""
    return decode_partitions(boundary, raw, _decode_one, HighWater())


def encode(partitions: dict[str, Reached]) -> dict[str, Any]:
    """As STATE carries it; folders beyond the bound are forgotten, so the next run emits them again."""
    room = MOST_SEEN
    kept: dict[str, Reached] = {}
    for name, reached in sorted(partitions.items()):
        if isinstance(reached, Seen):
            if len(reached.marks) > room:
                reached = Seen()
            room -= len(reached.marks)
        kept[name] = reached
    return encode_partitions(kept)


def _decode_one(stream: str, raw: object) -> Reached:
    if isinstance(raw, dict) and raw.keys() == {"messages"}:
        return decode_seen(stream, raw)
    return decode_high_water(stream, raw)
