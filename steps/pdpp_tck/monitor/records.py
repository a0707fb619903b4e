"""Records and cursors against what the run started and the manifest declares (CP-04 to CP-07)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from pdpp_tck.monitor.bounds import as_text, key_text, outside
from pdpp_tck.monitor.heard import Breach, Heard, Limits, listed, texts

Schema = jsonschema_rs.Draft202012Validator


class Records:
    """Hears START, then holds each RECORD and STATE against it; a record has one breach, its first."""

    def __init__(self, limits: Limits) -> None:
        self._declared = limits.streams
        self._scopes: dict[str, dict[str, Any]] | None = None
        self._schemas: dict[str, Schema | None] = {}

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """The first bound that a RECORD or STATE of the right shape oversteps."""
        if heard.direction == "in" and heard.type == "START" and self._scopes is None:
            self._scopes = scopes_of(heard.message or {})
        found: Iterator[Breach] = iter(())
        if heard.says("STATE"):
            found = self._state(heard)
        elif heard.says("RECORD"):
            found = self._record(heard, heard.message or {})
        first = next(found, None)
        if first is not None:
            yield first

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """Nothing: each record was judged when it came."""
        return iter(())

    def _state(self, heard: Heard) -> Iterator[Breach]:
        if self._scopes is None:
            return
        kept = set(texts([self._declared.get(name, {}).get("state_stream") for name in self._scopes]))
        if heard.stream not in kept | self._scopes.keys():
            yield Breach("CP-04", heard.n, f"a cursor of stream {heard.stream!r}, which was not started")

    def _record(self, heard: Heard, record: dict[str, Any]) -> Iterator[Breach]:
        stream, named = record["stream"], f"record {key_text(record['key'])!r} of stream {heard.stream!r}"
        if self._declared and stream not in self._declared:
            yield Breach("CP-04", heard.n, f"{named}: the manifest declares no such stream")
        if self._scopes is not None and stream not in self._scopes:
            yield Breach("CP-04", heard.n, f"{named}: the stream was not started")
        declared = self._declared.get(stream, {})
        if record.get("op") == "delete" and declared.get("semantics") == "append_only":
            yield Breach("CP-07", heard.n, f"{named}: a delete in an append-only stream")
        for rule, what in outside(record, (self._scopes or {}).get(stream, {}), declared):
            yield Breach(rule, heard.n, f"{named}: {what}")
        for what in self._broken(record, stream, declared):
            yield Breach("CP-06", heard.n, f"{named}: {what}")

    def _broken(self, record: dict[str, Any], stream: str, declared: dict[str, Any]) -> Iterator[str]:
        """How the record's key and data depart from what the manifest declares."""
        fields = texts(declared.get("primary_key"))
        key = record["key"] if isinstance(record["key"], list) else [record["key"]]
        if fields and len(key) != len(fields):
            yield f"its key has {len(key)} parts, the primary key {len(fields)}"
        if record.get("op") == "delete":
            return
        data = record["data"]
        for field, part in zip(fields, key, strict=False):
            # A field that is left out contradicts nothing; whether it may be is for the schema to say.
            if field in data and not isinstance(data[field], float) and as_text(data[field]) != part:
                yield f"its key is not what its field {field!r} says"
        error = self._departure(stream, declared, data)
        if error is not None:
            where = "/".join(map(str, error.instance_path)) or "the record"
            yield f"{where} breaks the stream's schema at {'/'.join(map(str, error.schema_path))}"

    def _departure(
        self, stream: str, declared: dict[str, Any], data: Any
    ) -> jsonschema_rs.ValidationError | None:
        if not declared:
            # Nor is it kept that there is none: names of streams are the connector's to invent.
            return None
        if stream not in self._schemas:
            self._schemas[stream] = _compiled(declared.get("schema"))
        schema = self._schemas[stream]
        return None if schema is None else next(iter(schema.iter_errors(data)), None)


def scopes_of(start: dict[str, Any]) -> dict[str, dict[str, Any]] | None:
    """START's scope by stream; None when there is none, which is the host's fault."""
    scope = start.get("scope")
    streams = scope.get("streams") if isinstance(scope, dict) else None
    if not isinstance(streams, list):
        return None
    return {s["name"]: s for s in listed(streams) if isinstance(s, dict) and isinstance(s.get("name"), str)}


def _compiled(schema: Any) -> Schema | None:
    """A stream's schema; one that cannot be used is the manifest's fault and judges nothing."""
    if not isinstance(schema, dict):
        return None
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
    except ValueError:
        return None
