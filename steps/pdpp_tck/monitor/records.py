"""Records and cursors against what the run started and the manifest declares (CP-04 to CP-07)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from pdpp_tck.monitor.bounds import key_text, outside
from pdpp_tck.monitor.heard import Breach, Heard, Limits

Schema = jsonschema_rs.Draft202012Validator


class Records:
    """Hears START, then holds each RECORD and STATE against it."""

    def __init__(self, limits: Limits) -> None:
        self._declared = limits.streams
        self._scopes: dict[str, dict[str, Any]] | None = None
        self._schemas: dict[str, Schema | None] = {}

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """The bounds that a RECORD or STATE of the right shape oversteps."""
        if heard.direction == "in" and heard.type == "START" and self._scopes is None:
            self._scopes = _scopes(heard.message or {})
        if heard.direction != "out" or heard.type not in ("RECORD", "STATE") or heard.flaw:
            return
        assert heard.message is not None
        if heard.type == "STATE":
            yield from self._state(heard)
        else:
            yield from self._record(heard, heard.message)

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """Nothing: each record was judged when it came."""
        return iter(())

    def _state(self, heard: Heard) -> Iterator[Breach]:
        if self._scopes is None:
            return
        kept = {self._declared.get(name, {}).get("state_stream") for name in self._scopes}
        if heard.stream not in kept | self._scopes.keys():
            yield Breach("CP-04", heard.n, f"a cursor of stream {heard.stream!r}, which was not started")

    def _record(self, heard: Heard, record: dict[str, Any]) -> Iterator[Breach]:
        stream, named = record["stream"], f"record {key_text(record['key'])!r} of stream {heard.stream!r}"
        if self._declared and stream not in self._declared:
            yield Breach("CP-04", heard.n, f"{named}: the manifest declares no such stream")
            return
        if self._scopes is not None and stream not in self._scopes:
            yield Breach("CP-04", heard.n, f"{named}: the stream was not started")
            return
        declared = self._declared.get(stream, {})
        for what in outside(record, (self._scopes or {}).get(stream, {}), declared):
            yield Breach("CP-05", heard.n, f"{named}: {what}")
        for what in self._broken(record, stream, declared):
            yield Breach("CP-06", heard.n, f"{named}: {what}")
        if record.get("op") == "delete" and declared.get("semantics") == "append_only":
            yield Breach("CP-07", heard.n, f"{named}: a delete in an append-only stream")

    def _broken(self, record: dict[str, Any], stream: str, declared: dict[str, Any]) -> Iterator[str]:
        """How the record's key and data depart from what the manifest declares."""
        fields = declared.get("primary_key")
        key = record["key"] if isinstance(record["key"], list) else [record["key"]]
        if isinstance(fields, list) and len(key) != len(fields):
            yield f"its key has {len(key)} parts, the primary key {len(fields)}"
            return
        if record.get("op") == "delete":
            return
        data = record["data"]
        for field, part in zip(fields or [], key, strict=False):
            if _text(data.get(field)) != part:
                yield f"its key is not what its field {field!r} says"
                return
        error = self._departure(stream, declared, data)
        if error is not None:
            where = "/".join(map(str, error.instance_path)) or "the record"
            yield f"{where} breaks the stream's schema at {'/'.join(map(str, error.schema_path))}"

    def _departure(
        self, stream: str, declared: dict[str, Any], data: Any
    ) -> jsonschema_rs.ValidationError | None:
        if stream not in self._schemas:
            self._schemas[stream] = _compiled(declared.get("schema"))
        schema = self._schemas[stream]
        return None if schema is None else next(iter(schema.iter_errors(data)), None)


def _scopes(start: dict[str, Any]) -> dict[str, dict[str, Any]] | None:
    """START's scope by stream; None when there is none, which is the host's fault."""
    scope = start.get("scope")
    streams = scope.get("streams") if isinstance(scope, dict) else None
    if not isinstance(streams, list):
        return None
    return {s["name"]: s for s in streams if isinstance(s, dict) and isinstance(s.get("name"), str)}


def _compiled(schema: Any) -> Schema | None:
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
    except (ValueError, TypeError):  # a schema that cannot be used is the manifest's fault, not a line's
        return None


def _text(value: Any) -> str | None:
    """A primary key's value as a key holds it: a text as it is, a whole number as its decimals."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None
