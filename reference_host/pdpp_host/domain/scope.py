"""Whether a record lies inside what a run was asked for (PR-03.2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import StreamManifest
from pdpp_host.domain.messages import Record, StreamScope, key_text


class Outside(Struct, frozen=True):
    """Why a record is outside: the rule it breaks, and the field by which it does, where there is one."""

    rule: str
    message: str
    field: str | None = None


class KeyMismatch(ValueError):
    """A record's key is not what its primary key says; `field` names the field that differs, if one does."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def inside(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
    """None when a record is inside its stream's scope, else the first boundary that it crosses.

    `resources` is met by the key or by the declared resource field, compared as whole strings (a whole
    number as its decimals); `time_range` needs a readable instant on the consent time field; `fields`
    allows no other top-level field but those that the schema requires. A delete carries no data to be
    judged by field or time, so its key decides.
    """
    if scope.resources is None and scope.time_range is None and scope.fields is None:
        return None
    for crosses in _BOUNDARIES:
        outside = crosses(record, scope, manifest)
        if outside is not None:
            return outside
    return None


def _resources(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
    if scope.resources is None or key_text(record.key) in scope.resources:
        return None
    field = manifest.resource_field
    value = (record.data or {}).get(field) if field else None
    if _text(value) in scope.resources:
        return None
    seen = f" and its {field!r} is not" if field else ""
    return Outside("resource_outside_scope", f"its key is none of the requested resources{seen}", field)


def _window(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
    if scope.time_range is None or record.op == "delete":
        return None
    field = manifest.consent_time_field
    if field is None:
        return Outside("time_outside_scope", "its stream declares no consent_time_field")
    at = instant((record.data or {}).get(field))
    if at is None:
        return Outside("time_outside_scope", f"its {field!r} holds no RFC 3339 time with an offset", field)
    since, until = _edge(scope.time_range.since), _edge(scope.time_range.until)
    if (since is not None and at < since) or (until is not None and at >= until):
        return Outside("time_outside_scope", f"its {field!r} is outside the requested window", field)
    return None


def _fields(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
    if scope.fields is None or record.op == "delete":
        return None
    allowed = manifest.required_fields.union(scope.fields)
    extra = sorted((record.data or {}).keys() - allowed)
    if not extra:
        return None
    return Outside("field_outside_scope", f"the field {extra[0]!r} was not requested", extra[0])


def ends_run(outside: Outside) -> bool:
    """Whether a record outside its scope ends its run; where it does not, it is refused alone (PR-03.2)."""
    return True


_BOUNDARIES: tuple[Callable[[Record, StreamScope, StreamManifest], Outside | None], ...] = (
    _resources,
    _window,
    _fields,
)
_edge = lru_cache(256)(instant)  # the same few edges are compared with every record of a run


def record_key(record: Record, manifest: StreamManifest) -> str:
    """The record's key as text; raises KeyMismatch when it disagrees with the declared primary key.

    A key field that a record leaves out contradicts nothing (a run may ask for other fields); whether
    it may be left out is for the stream's schema to say.
    """
    parts = (record.key,) if isinstance(record.key, str) else record.key
    names = manifest.primary_key
    if len(parts) != len(names):
        raise KeyMismatch(f"the key has {len(parts)} parts, the primary key {len(names)}")
    if record.op == "upsert" and record.data is not None:
        data = record.data
        for name, part in zip(names, parts, strict=True):
            # As text first: nearly every key is.
            if data.get(name, part) != part and _text(data[name]) != part:
                raise KeyMismatch(f"the key says {part!r} where the field {name!r} does not", name)
    return key_text(record.key)


def _text(value: Any) -> str | None:
    """A field's value as keys and resources name it: strings as they are, whole numbers in decimal."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None
