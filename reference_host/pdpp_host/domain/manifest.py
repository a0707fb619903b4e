"""A connector's manifest: what it says about itself and its streams."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

import msgspec
from msgspec import Struct

from pdpp_host.domain.telling import told


class ManifestError(ValueError):
    """A manifest cannot be used; `param` is the path of the offending field."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(told(message))
        self.param = told(param)


class RuntimeRequirements(Struct, frozen=True):
    """What the host must hand to the connector."""

    bindings: tuple[str, ...] = ()


class RefreshPolicy(Struct, frozen=True):
    """How old collected data may grow before it counts as stale."""

    maximum_staleness_seconds: float | None = None


class Selection(Struct, frozen=True):
    """Which kinds of narrowing a stream implements."""

    resources: bool = False
    resource_field: str | None = None
    fields: bool = False


class StreamManifest(Struct, frozen=True, omit_defaults=True):
    """One stream: its shape, its keys, and how it may be narrowed."""

    name: str
    semantics: Literal["append_only", "mutable_state"]
    schema: dict[str, Any]
    primary_key: tuple[str, ...]
    consent_time_field: str | None = None
    selection: Selection | None = None
    incremental: bool = False
    coverage_authority: Literal["full_refresh"] | None = None
    state_stream: str | None = None
    parent_streams: tuple[str, ...] = ()

    @property
    def resource_field(self) -> str | None:
        """The top-level field whose value names a record's resource, if one is declared."""
        return self.selection.resource_field if self.selection else None

    @property
    def required_fields(self) -> frozenset[str]:
        """Top-level fields that the schema demands of every record."""
        return frozenset(self.schema.get("required", ()))


class Manifest(Struct, frozen=True, omit_defaults=True):
    """A connector's whole manifest."""

    connector_key: str
    version: str
    display_name: str
    streams: tuple[StreamManifest, ...]
    manifest_uri: str | None = None
    runtime_requirements: RuntimeRequirements = RuntimeRequirements()
    refresh_policy: RefreshPolicy | None = None

    def stream(self, name: str) -> StreamManifest | None:
        """The stream of that name, or None."""
        return next((stream for stream in self.streams if stream.name == name), None)


def parse_manifest(raw: Any) -> Manifest:
    """The manifest in `raw` (decoded JSON); raises ManifestError naming the field that is wrong."""
    try:
        manifest = msgspec.convert(raw, Manifest)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `$")
        raise ManifestError(f"manifest: {message}", f"manifest{where.rstrip('`')}") from None
    if not manifest.streams:
        raise ManifestError("manifest: at least one stream is needed", "manifest.streams")
    for name, count in Counter(stream.name for stream in manifest.streams).items():
        if count > 1:
            raise ManifestError(f"manifest: stream {name!r} is declared {count} times", "manifest.streams")
    for stream in manifest.streams:
        if not stream.primary_key:
            raise ManifestError(
                f"manifest: stream {stream.name!r} needs a primary key",
                f"manifest.streams.{stream.name}.primary_key",
            )
    return manifest
