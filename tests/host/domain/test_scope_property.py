"""For any scope, whatever the connector emits: what is stored is inside, the first offender is named."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import Manifest, parse_manifest
from pdpp_host.domain.messages import Record, StreamScope
from pdpp_host.domain.requests import RunRequest, start_streams
from pdpp_host.domain.scope import inside

from ..houses import manifest, stream

DECLARED: Manifest = parse_manifest(manifest(stream()))
NAMES = ("id", "room", "at", "text", "n")
TIMES = (
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.000000001Z",
    "2025-12-31T23:59:59.999999999Z",
    "2026-01-01T01:00:00+01:00",
    "2026-01-01T00:30:00+01:00",
    "2026-06-01T00:00:00Z",
    "2026-06-01T00:00:00.0000000Z",
)
keys = st.sampled_from(["a", "A", "b", "b ", "é", "r1"])
rooms = st.sampled_from(["r1", "R1", "r1,r2", "7", 7, True, None, ["r1"]])
times = st.sampled_from([*TIMES, "2026-01-01T00:00:00", "noon", 5, None])
resources = st.lists(st.sampled_from(["a", "b", "r1", "r1,r2", "7", "True"]), min_size=1, max_size=3)
windows = st.fixed_dictionaries(
    {}, optional={"since": st.sampled_from(TIMES), "until": st.sampled_from(TIMES)}
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """The narrowing parts of a run request for the stream `notes`, any of them absent."""
    asked: dict[str, Any] = {}
    if draw(st.booleans()):
        asked["resources"] = {"notes": draw(resources)}
    if draw(st.booleans()):
        asked["fields"] = {"notes": draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))}
    if draw(st.booleans()):
        window = draw(windows)
        edges = [instant(window.get(name)) for name in ("since", "until")]
        if window and not (all(edges) and edges[0] >= edges[1]):  # type: ignore[operator]
            asked["time_range"] = {"notes": window}
    return asked


@st.composite
def lines(draw: st.DrawFn) -> dict[str, Any]:
    """A RECORD line that agrees with its own key, inside a scope or not, valid or not."""
    key = draw(keys)
    data = {"id": key}
    for name, values in (("room", rooms), ("at", times), ("text", st.sampled_from(["t", 5]))):
        if draw(st.booleans()):
            data[name] = draw(values)
    op = draw(st.sampled_from(["upsert", "upsert", "upsert", "delete"]))
    line = {"type": "RECORD", "stream": "notes", "key": key, "emitted_at": "t", "op": op}
    return line | ({"data": data} if op == "upsert" else {})


def fault(line: dict[str, Any], asked: dict[str, Any]) -> tuple[str, str | None] | None:
    """Rule and field of a line's first fault, told from the design's words and not from the code's."""
    data = line.get("data", {})
    gone = line["op"] == "delete"
    if "resources" in asked:
        wanted = asked["resources"]["notes"]
        room = data.get("room")
        named = str(room) if isinstance(room, int | str) and not isinstance(room, bool) else None
        if line["key"] not in wanted and named not in wanted:
            return "resource_outside_scope", "room"
    if "time_range" in asked and not gone:
        window = asked["time_range"]["notes"]
        at = instant(data.get("at"))
        since, until = instant(window.get("since")), instant(window.get("until"))
        if at is None or (since is not None and at < since) or (until is not None and not at < until):
            return "time_outside_scope", "at"
    if "fields" in asked and not gone:
        extra = data.keys() - {*asked["fields"]["notes"], "id", "room", "at"}
        if extra:
            return "field_outside_scope", min(extra)
    if not gone and isinstance(data.get("text"), int):
        return "schema_violation", "text"
    return None


def scope_of(asked: dict[str, Any]) -> StreamScope:
    [scope] = start_streams(DECLARED, msgspec.convert(asked, RunRequest), None)
    return scope


@given(requests(), lines())
def test_inside_is_what_the_design_says(asked: dict[str, Any], line: dict[str, Any]) -> None:
    """A record is inside exactly where resources, window and fields all admit it; else the first boundary."""
    record = msgspec.convert(line, Record)
    outside = inside(record, scope_of(asked), DECLARED.streams[0])
    expected = fault(line, asked)
    if expected is not None and expected[0] == "schema_violation":
        expected = None
    assert (None if outside is None else (outside.rule, outside.field)) == expected


def after(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """What a fresh database holds after these lines."""
    held: dict[str, Any] = {}
    for line in lines:
        if line["op"] == "delete":
            held.pop(line["key"], None)
        else:
            held[line["key"]] = line["data"]
    return held


@pytest.mark.parametrize(
    ("at", "within"),
    [
        ("2026-01-01T00:00:00Z", True),
        ("2025-12-31T23:59:59.9999999999Z", False),
        ("2026-01-01T01:00:00+01:00", True),
        ("2026-01-01T00:59:59.999+01:00", False),
        ("2026-05-31T23:59:59.9999999999Z", True),
        ("2026-06-01T00:00:00.000Z", False),
        ("2026-05-31T19:00:00-05:00", False),
        ("2026-05-31T18:59:59.999999999-05:00", True),
        ("2026-03-01T00:00:00", False),
        (None, False),
    ],
)
def test_the_edges_of_a_window(at: str | None, within: bool) -> None:
    """Since is inclusive and until exclusive, compared as instants to the last digit; no time is outside."""
    window = {"since": "2026-01-01T00:00:00Z", "until": "2026-06-01T00:00:00Z"}
    record = Record("notes", "a", "t", {"id": "a", "at": at})
    outside = inside(record, scope_of({"time_range": {"notes": window}}), DECLARED.streams[0])
    assert (outside is None) == within


def test_the_first_field_of_several_is_named() -> None:
    """In the sentence and beside it, whatever order the record has them in."""
    scope = StreamScope(name="notes", fields=("text",))
    record = Record(
        stream="notes", key="a", emitted_at=TIMES[0], data={"id": "a", "room": 1, "at": 2, "n": 3}
    )
    found = inside(record, scope, DECLARED.streams[0])
    assert found is not None
    assert (found.message, found.field) == ("the field 'at' was not requested", "at")
