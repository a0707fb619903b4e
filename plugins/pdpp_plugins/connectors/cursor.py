"""Cursors: a high-water for each partition of a stream."""

from __future__ import annotations

from pdpp_plugins.connectors.refusals import cursor_not_understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    High = TypeVar("High")


def decode_partitions(
    stream: str, cursor: dict[str, Any], decode: Callable[[str, object], High]
) -> dict[str, High]:
    """Each partition's high-water; raises Refused when they are not what `encode_partitions` wrote."""
    partitions = cursor.get("partitions", {})
    if not isinstance(partitions, dict):
        raise cursor_not_understood(stream)
    return {name: decode(stream, raw) for name, raw in partitions.items()}


def cursor_object(stream: str, cursor: object, known: set[str]) -> dict[str, Any]:
    """The cursor that START carries, empty when there is none; raises Refused when it is not one of ours."""
    if cursor is None:
        return {}
    if not isinstance(cursor, dict) or not cursor.keys() <= known:
        raise cursor_not_understood(stream)
    return cursor


def encode_partitions(partitions: dict[str, Any]) -> dict[str, Any]:
    """As STATE carries it."""
    return {"partitions": {name: high.encode() for name, high in sorted(partitions.items())}}
