"""Cursors: a high-water for each partition of a stream."""

from __future__ import annotations

from pdpp_plugins.connectors.refusals import cursor_not_understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from pdpp_plugins.connectors.scope import Boundary

    High = TypeVar("High")


def decode_partitions(
    boundary: Boundary,
    raw: object,
    decode: Callable[[str, object], High],
    empty: High,
    more: tuple[str, ...] = (),
) -> dict[str, High]:
    """Each partition's high-water in the cursor that START carries; raises Refused when it is not ours.

    What was read under a window that leaves out some of this run's was passed over, not collected: such
    partitions are known, and read from the beginning.
    """
    cursor = cursor_object(boundary.stream, raw, more)
    partitions, window = cursor.get("partitions", {}), cursor.get("window", {})
    if not isinstance(partitions, dict) or not isinstance(window, dict):
        raise cursor_not_understood(boundary.stream)
    highs = {name: decode(boundary.stream, high) for name, high in partitions.items()}
    return highs if boundary.was_covered(window) else dict.fromkeys(highs, empty)


def cursor_object(stream: str, cursor: object, more: tuple[str, ...] = ()) -> dict[str, Any]:
    """The cursor that START carries, empty when there is none; raises Refused when it is not one of ours."""
    if cursor is None:
        return {}
    if not isinstance(cursor, dict) or not cursor.keys() <= {"partitions", "window", *more}:
        raise cursor_not_understood(stream)
    return cursor


def encode_partitions(partitions: dict[str, Any]) -> dict[str, Any]:
    """As STATE carries it."""
    return {"partitions": {name: high.encode() for name, high in sorted(partitions.items())}}
