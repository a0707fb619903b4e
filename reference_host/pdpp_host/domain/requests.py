"""What an owner may ask of a run, and the refusals of everything else (PR-03)."""

from __future__ import annotations

import json
import math
import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.messages import StreamScope, TimeRange
from pdpp_host.domain.telling import told

_FIELDS = ("resources", "fields", "time_range", "coverage")

Names = Annotated[tuple[Annotated[str, Meta(min_length=1)], ...], Meta(min_length=1)]


class Candidate(Struct, frozen=True):
    """A connection to which a path could belong, and what each installed rule misses for the proof."""

    connection_id: str
    display_name: str
    wanting: dict[str, str]


class RequestRefused(Exception):
    """A request that the host will not act on; `code` is the error's code, `param` the offending part.

    `connection_id` names the connection to turn to instead, `candidates` those that it might be.
    """

    def __init__(
        self,
        code: str,
        message: str,
        param: str | None = None,
        connection_id: str | None = None,
        candidates: tuple[Candidate, ...] | None = None,
    ) -> None:
        self.code = code
        self.message = told(message)
        self.param = None if param is None else told(param)
        super().__init__(self.message)
        self.connection_id = connection_id
        self.candidates = candidates


class RunRequest(Struct, frozen=True):
    """A run as asked for: what narrows it, and which coverage it claims, by stream."""

    resources: dict[str, Names] = {}
    fields: dict[str, Names] = {}
    time_range: dict[str, TimeRange] = {}
    coverage: dict[str, Literal["full_refresh"]] = {}

    @property
    def named(self) -> frozenset[str]:
        """Streams that the request names in any of its parts."""
        return frozenset({*self.resources, *self.fields, *self.time_range, *self.coverage})

    @property
    def narrowed(self) -> bool:
        """Whether the request asks for less than all of its streams."""
        return bool(self.resources or self.fields or self.time_range)


def parse_run_request(body: bytes, manifest: Manifest) -> RunRequest:
    """The request in a run request's body; an empty body asks for everything.

    Raises RequestRefused for any part that is not an object keyed by a declared stream with a value
    of the right shape (PR-03.3).
    """
    raw = parse_object(body)
    for name in raw:
        if name not in _FIELDS:
            raise RequestRefused(
                "unknown_field", f"{name!r} is no field of a run request; use {', '.join(_FIELDS)}", name
            )
    return RunRequest(
        resources=_each(raw, "resources", manifest, _names),
        fields=_each(raw, "fields", manifest, _fields),
        time_range=_each(raw, "time_range", manifest, _window),
        coverage=_each(raw, "coverage", manifest, _coverage),
    )


def start_streams(manifest: Manifest, request: RunRequest, since: str | None) -> tuple[StreamScope, ...]:
    """The START scope of a request: exactly the streams it names, or all, never wider (PR-03/R1, R2).

    `since` is the path's standing window: it bounds every stream, and no request reaches before it.
    A `fields` list gains the fields by which the host itself judges a record. Raises RequestRefused
    where a requested window lies wholly before the standing one.
    """
    wanted = request.named or {stream.name for stream in manifest.streams}
    return tuple(
        StreamScope(
            name=stream.name,
            resources=request.resources.get(stream.name),
            fields=_with_own(
                request.fields.get(stream.name), stream.resource_field, stream.consent_time_field
            ),
            time_range=_within(since, request.time_range.get(stream.name), stream.name),
        )
        for stream in manifest.streams
        if stream.name in wanted
    )


def _within(since: str | None, asked: TimeRange | None, stream: str) -> TimeRange | None:
    """The window that is asked for, cut at the path's standing window."""
    edge = instant(since)
    if edge is None or since is None:
        return asked
    if asked is None:
        return TimeRange(since=since)
    begin, end = instant(asked.since), instant(asked.until)
    if end is not None and end <= edge:
        raise RequestRefused(
            "invalid_time_range",
            f"time_range.{stream} ends before {since!r}, where this path begins; ask for a later window",
            f"time_range.{stream}.until",
        )
    return TimeRange(since=since if begin is None or begin < edge else asked.since, until=asked.until)


# A NUL as JSON writes it, not the text of such an escape, whose backslash is escaped itself.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body ({} when empty); refuses other JSON and repeated keys."""
    if not body.strip():
        return {}
    try:
        raw = json.loads(
            body, object_pairs_hook=_without_repeats, parse_constant=_number, parse_float=_number
        )
        again = msgspec.json.encode(raw)  # refuses lone surrogates, which could be neither stored nor sent
    except RequestRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise RequestRefused("invalid_json", f"the body is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise RequestRefused("invalid_request", f"the body must be a JSON object, not {_shape(raw)}")
    if _NUL.search(again):
        raise RequestRefused("invalid_request", "a text in the body holds a NUL, which no storage can hold")
    return raw


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that a double can hold")
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise RequestRefused("duplicate_key", f"the key {name!r} stands twice in one object", name)
        result[name] = value
    return result


def _each(raw: dict[str, Any], part: str, manifest: Manifest, read: Any) -> dict[str, Any]:
    """One part of the request, read stream by stream; absent and null ask for nothing."""
    value = raw.get(part)
    if value is None:
        return {}
    if not isinstance(value, dict) or not value:
        raise RequestRefused(
            f"invalid_{part}", f"{part} must be a non-empty object keyed by stream, not {_shape(value)}", part
        )
    for name in value:
        if manifest.stream(name) is None:
            known = ", ".join(stream.name for stream in manifest.streams)
            raise RequestRefused(
                "unknown_stream", f"{part} names the stream {name!r}; declared are {known}", f"{part}.{name}"
            )
    return {name: read(part, name, entry, manifest) for name, entry in value.items()}


def _names(part: str, stream: str, value: Any, manifest: Manifest) -> tuple[str, ...]:
    where = f"{part}.{stream}"
    if not isinstance(value, list) or not value:
        raise RequestRefused(
            f"invalid_{part}", f"{where} must be a non-empty array of strings, not {_shape(value)}", where
        )
    for index, item in enumerate(value):
        if not isinstance(item, str) or not item:
            raise RequestRefused(
                f"invalid_{part}",
                f"{where}[{index}] must be a non-empty string, not {item!r}",
                f"{where}[{index}]",
            )
    return tuple(value)


def _fields(part: str, stream: str, value: Any, manifest: Manifest) -> tuple[str, ...]:
    names = _names(part, stream, value, manifest)
    declared = manifest.stream(stream)
    known = declared.schema.get("properties", {}) if declared else {}
    for index, name in enumerate(names):
        if known and name not in known:
            raise RequestRefused(
                "unknown_record_field",
                f"{part}.{stream} names {name!r}; the stream's schema has {', '.join(sorted(known))}",
                f"{part}.{stream}[{index}]",
            )
    return names


def _window(part: str, stream: str, value: Any, manifest: Manifest) -> TimeRange:
    where = f"{part}.{stream}"
    if not isinstance(value, dict) or not value or not value.keys() <= {"since", "until"}:
        raise RequestRefused(
            "invalid_time_range", f"{where} must be an object of since and until, not {_shape(value)}", where
        )
    declared = manifest.stream(stream)
    if declared is None or declared.consent_time_field is None:
        raise RequestRefused(
            "time_range_not_supported", f"the stream {stream!r} declares no consent_time_field", where
        )
    for edge, text in value.items():
        if instant(text) is None:
            raise RequestRefused(
                "invalid_time_range",
                f"{where}.{edge} must be an RFC 3339 time with an offset, not {text!r}",
                f"{where}.{edge}",
            )
    since, until = instant(value.get("since")), instant(value.get("until"))
    if since is not None and until is not None and since >= until:
        raise RequestRefused("invalid_time_range", f"{where} is empty: since must be before until", where)
    return TimeRange(**value)


def _coverage(part: str, stream: str, value: Any, manifest: Manifest) -> str:
    where = f"{part}.{stream}"
    if value != "full_refresh":
        raise RequestRefused("invalid_coverage", f'{where} must be "full_refresh", not {value!r}', where)
    declared = manifest.stream(stream)
    if declared is None or declared.coverage_authority != "full_refresh":
        raise RequestRefused(
            "coverage_not_permitted",
            f"the manifest gives {stream!r} no coverage_authority full_refresh",
            where,
        )
    return str(value)


def _with_own(fields: tuple[str, ...] | None, *own: str | None) -> tuple[str, ...] | None:
    if fields is None:
        return None
    return (*fields, *(name for name in own if name is not None and name not in fields))


def _shape(value: Any) -> str:
    if value in ({}, []):
        return f"an empty {'object' if value == {} else 'array'}"
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
