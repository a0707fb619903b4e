"""The JSON Schema of a stream's records, compiled."""

from __future__ import annotations

from typing import Any, NamedTuple

import jsonschema_rs

from pdpp_host.domain.manifest import Manifest, ManifestError, StreamManifest


class Departure(NamedTuple):
    """How a record departs from its schema, told without its values, and at which top-level field."""

    message: str
    field: str | None


class RecordSchema:
    """What a stream's manifest demands of `data`; raises ManifestError for a schema that is none."""

    def __init__(self, stream: StreamManifest) -> None:
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                stream.schema, validate_formats=True, offline=True
            )
        except ValueError as error:
            said = str(error).partition("\n")[0]
            raise ManifestError(
                f"manifest: the schema of stream {stream.name!r} is no JSON Schema 2020-12: {said}",
                f"manifest.streams.{stream.name}.schema",
            ) from None

    def departure(self, data: dict[str, Any] | None) -> Departure | None:
        """The first way in which `data` departs from the schema, None if it does not."""
        if self._validator.is_valid(data):
            return None
        error = next(iter(self._validator.iter_errors(data)))
        field = _field(error)
        return Departure(f"{error.kind.name} at {field!r}" if field else error.kind.name, field)


def check_schemas(manifest: Manifest) -> None:
    """Raises ManifestError where a stream's schema cannot be used, before any run depends on it."""
    for stream in manifest.streams:
        RecordSchema(stream)


def _field(error: jsonschema_rs.ValidationError) -> str | None:
    """The top-level field at fault: where the error lies, the one that is missing, or one too many."""
    if error.instance_path:
        return str(error.instance_path[0])
    unexpected = getattr(error.kind, "unexpected", None)
    if unexpected:
        return str(min(unexpected))
    missing = getattr(error.kind, "property", None)
    return missing if isinstance(missing, str) else None
