"""Whether a record lies inside what a run was asked for (PR-03.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import StreamManifest
from pdpp_host.domain.messages import Record, StreamScope, key_text


class Outside(Struct, frozen=True):
    """Why a record is outside: the rule it breaks, and the field by which it does."""

    rule: str
    message: str


def inside(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
    """None when a record is inside its stream's scope, else the first boundary that it crosses.

    `resources` is met by the key or by the declared resource field, compared as whole strings;
    `time_range` needs a readable instant on the consent time field; `fields` allows no other
    top-level field but those that the schema requires. A delete carries no data to be judged by
    field or time, so its key decides.
    """
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
    if isinstance(value, str) and value in scope.resources:
        return None
    seen = f" and its {field!r} is not" if field else ""
    return Outside("resource_outside_scope", f"its key is none of the requested resources{seen}")


def _window(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
    if scope.time_range is None or record.op == "delete":
        return None
    field = manifest.consent_time_field
    moment = instant((record.data or {}).get(field)) if field else None
    if moment is None:
        return Outside("time_outside_scope", f"its {field!r} holds no readable time")
    since, until = instant(scope.time_range.since), instant(scope.time_range.until)
    if (since is not None and moment < since) or (until is not None and moment >= until):
        return Outside("time_outside_scope", f"its {field!r} is outside the requested window")
    return None


def _fields(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
    if scope.fields is None or record.op == "delete":
        return None
    allowed = manifest.required_fields.union(scope.fields)
    extra = sorted((record.data or {}).keys() - allowed)
    return Outside("field_outside_scope", f"the field {extra[0]!r} was not requested") if extra else None


_BOUNDARIES: tuple[Callable[[Record, StreamScope, StreamManifest], Outside | None], ...] = (
    _resources,
    _window,
    _fields,
)


def record_key(record: Record, manifest: StreamManifest) -> str:
    """The record's key as text; raises ValueError when it disagrees with the declared primary key."""
    parts = [record.key] if isinstance(record.key, str) else record.key
    if len(parts) != len(manifest.primary_key):
        raise ValueError(f"the key has {len(parts)} parts, the primary key {len(manifest.primary_key)}")
    for name, part in zip(manifest.primary_key, parts, strict=True):
        if record.op == "upsert" and not _same(part, (record.data or {}).get(name)):
            raise ValueError(f"the key says {part!r} where the field {name!r} does not")
    return key_text(record.key)


def _same(part: str, value: Any) -> bool:
    """A key part names a field's value as text: strings as they are, whole numbers in decimal."""
    return part == (str(value) if isinstance(value, int) and not isinstance(value, bool) else value)
