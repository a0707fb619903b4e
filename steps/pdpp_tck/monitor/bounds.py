"""What a run may hold of a stream: resources, fields and a window of time (CP-05, CP-14, CP-15)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from pdpp_tck.monitor.heard import texts

# Whole seconds, then the digits of the fraction without zeros at their end: so tuples order as instants do.
Instant = tuple[int, str]
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-]\d\d):(\d\d))", re.ASCII
)


def outside(
    record: dict[str, Any], scope: dict[str, Any], declared: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """(rule, how) for each boundary of its stream's scope in START that a RECORD oversteps.

    A delete has no content, so its key alone is judged.
    """
    data, resources = record.get("data") or {}, scope.get("resources")
    if isinstance(resources, list) and not _selected(record["key"], data, resources, declared):
        yield "CP-05", f"its resource is none of the {len(resources)} that were asked for"
    if record.get("op") == "delete":
        return
    if isinstance(scope.get("fields"), list):
        schema = declared.get("schema")
        required = texts(schema.get("required")) if isinstance(schema, dict) else []
        extra = sorted(data.keys() - {*texts(scope["fields"]), *required})
        if extra:
            yield "CP-14", f"its field {extra[0]!r} was not asked for"
    if isinstance(scope.get("time_range"), dict):
        field = declared.get("consent_time_field")
        value = data.get(field) if isinstance(field, str) else None
        if not _in_window(value, scope["time_range"]):
            yield "CP-15", f"its time, the field {field!r}, is outside the window or no RFC 3339 time"


def _selected(key: Any, data: dict[str, Any], resources: list[Any], declared: dict[str, Any]) -> bool:
    if key_text(key) in resources:
        return True
    selection = declared.get("selection")
    field = selection.get("resource_field") if isinstance(selection, dict) else None
    value = as_text(data.get(field)) if isinstance(field, str) else None
    return value is not None and value in resources


def key_text(key: Any) -> str:
    """A key as resources name it: a string as it is, an array as compact JSON."""
    return key if isinstance(key, str) else json.dumps(key, ensure_ascii=False, separators=(",", ":"))


def as_text(value: Any) -> str | None:
    """A field's value as keys and resources name it: a text as it is, a whole number as its decimals."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _in_window(value: Any, window: dict[str, Any]) -> bool:
    at = instant(value)
    since, until = instant(window.get("since")), instant(window.get("until"))
    if at is None:
        return False
    return (since is None or since <= at) and (until is None or at < until)


def instant(value: Any) -> Instant | None:
    """The instant that an RFC 3339 time names, to any fraction; None for anything else."""
    found = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    day, *clock, fraction, east_hours, east_minutes = found.groups()
    hour, minute, second = map(int, clock)
    ahead, beside = int(east_hours or 0), int(east_minutes or 0)
    if hour > 23 or minute > 59 or second > 60 or abs(ahead) > 23 or beside > 59:
        return None
    try:
        days = date.fromisoformat(day).toordinal()
    except ValueError:
        return None
    # The sign of -00:30 is in its hours, which are zero.
    offset = 60 * abs(ahead) + beside
    minutes = 60 * hour + minute - (-offset if (east_hours or "").startswith("-") else offset)
    return days * 86_400 + minutes * 60 + second, (fraction or "").rstrip("0")
