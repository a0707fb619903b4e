"""Stream definitions: the shape that two connectors share when they emit the same stream (CI-03.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any

import msgspec

from pdpp_host.domain.manifest import Manifest, StreamManifest

# What a JSON Schema says about itself, not about the records.
_ANNOTATIONS = frozenset(
    {
        "$comment",
        "$id",
        "$schema",
        "default",
        "deprecated",
        "description",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    }
)
_SETS = frozenset({"required", "enum", "type"})
# Below these the keys are names of somebody's own, whatever they are called.
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_VALUES = frozenset({"const", "enum"})


class IncompatibleStream(ValueError):
    """Two connectors give one name to streams of different shape."""

    def __init__(self, stream: str, first: str, second: str) -> None:
        super().__init__(
            f"the stream {stream!r} of {first!r} and that of {second!r} have different shapes; "
            "one connection cannot hold both"
        )
        self.stream = stream


def fingerprint(stream: StreamManifest) -> str:
    """The SHA-256 of a stream's semantics, keys, time field and record shape, as 64 hex digits.

    Annotations of the schema do not count, nor the order of keys or of `required`, `enum` and `type`.
    """
    shape = {
        "semantics": stream.semantics,
        "primary_key": stream.primary_key,
        "consent_time_field": stream.consent_time_field,
        "schema": _bare(stream.schema),
    }
    return sha256(msgspec.json.encode(shape, order="deterministic")).hexdigest()


def check_compatible(
    manifests: Iterable[Manifest], fingerprint: Callable[[StreamManifest], str] = fingerprint
) -> None:
    """Raises IncompatibleStream where connectors of one connection disagree about a stream of one name."""
    known: dict[str, tuple[str, str]] = {}
    for manifest in manifests:
        for stream in manifest.streams:
            shape, owner = known.setdefault(stream.name, (fingerprint(stream), manifest.connector_key))
            if shape != fingerprint(stream):
                raise IncompatibleStream(stream.name, owner, manifest.connector_key)


def _bare(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return [_bare(part) for part in schema] if isinstance(schema, list) else schema
    kept: dict[str, Any] = {}
    for name, value in schema.items():
        if name in _NAMED and isinstance(value, dict):
            kept[name] = {each: _bare(part) for each, part in value.items()}
        elif name in _SETS and isinstance(value, list):
            kept[name] = sorted(value, key=lambda one: msgspec.json.encode(one, order="deterministic"))
        elif name in _VALUES:
            kept[name] = value
        elif name not in _ANNOTATIONS:
            kept[name] = _bare(value)
    return kept
