"""What a run may hold of a stream: resources, fields and a window of time (CP-05)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any


def outside(record: dict[str, Any], scope: dict[str, Any], declared: dict[str, Any]) -> Iterator[str]:
    """How a RECORD of the right shape lies outside its stream's scope in START; nothing when it is inside.

    A delete has no content, so its key alone is judged.
    """
    data = record.get("data") or {}
    deletes = record.get("op") == "delete"
    resources, fields, window = scope.get("resources"), scope.get("fields"), scope.get("time_range")
    if isinstance(resources, list) and not _selected(record, data, resources, declared):
        yield f"its resource is none of the {len(resources)} that were asked for"
    if deletes:
        return
    if isinstance(fields, list):
        required = declared.get("schema", {}).get("required") or []
        extra = sorted(data.keys() - {*fields, *required})
        if extra:
            yield f"its field {extra[0]!r} was not asked for"
    field = declared.get("consent_time_field")
    if isinstance(window, dict) and field and not _in_window(data.get(field), window):
        yield f"its time, the field {field!r}, is outside the window"


def _selected(
    record: dict[str, Any], data: dict[str, Any], resources: list[Any], declared: dict[str, Any]
) -> bool:
    if key_text(record["key"]) in resources:
        return True
    field = (declared.get("selection") or {}).get("resource_field")
    value = data.get(field) if field else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return isinstance(value, str) and value in resources


def key_text(key: Any) -> str:
    """A key as resources name it: a string as it is, an array as compact JSON."""
    return key if isinstance(key, str) else json.dumps(key, ensure_ascii=False, separators=(",", ":"))


def _in_window(value: Any, window: dict[str, Any]) -> bool:
    at = instant(value)
    since, until = instant(window.get("since")), instant(window.get("until"))
    if at is None:
        return False
    return (since is None or since <= at) and (until is None or at < until)


def instant(value: Any) -> datetime | None:
    """A point in time from RFC 3339; None for anything else, a time without an offset included."""
    if not isinstance(value, str) or "T" not in value.upper():
        return None
    try:
        at = datetime.fromisoformat(value.upper())
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
