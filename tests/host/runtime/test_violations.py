"""Every rule of the wire: who broke it, where, and what is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pdpp_host.domain.entities import Violation
from pdpp_host.runtime import collection
from pdpp_host.runtime.lines import read_lines

from ..houses import House, done, manifest, record, stream

FIRST = record("a", room="r")
NOTES = stream()
LOGS = stream("logs", semantics="append_only")
WINDOW = {"notes": {"since": "2026-01-01T00:00:00Z"}}

CASES: dict[str, tuple[list[Any], dict[str, Any], Violation]] = {
    "invalid_json": ([b"{nope\n"], {}, Violation("invalid_json", 2)),
    "invalid_utf8": ([b'{"type":"PROGRESS","message":"\xff"}\n'], {}, Violation("invalid_utf8", 2)),
    "number_out_of_range": ([record("b", n=2**64)], {}, Violation("number_out_of_range", 2)),
    "invalid_message": (
        [{"type": "RECORD", "stream": "notes", "data": {}}],
        {},
        Violation("invalid_message", 2, "notes"),
    ),
    "unknown_message_type": (
        [{"type": "NEWS", "stream": "notes"}],
        {},
        Violation("unknown_message_type", 2, "notes"),
    ),
    "line_after_done": ([done(1), FIRST], {}, Violation("line_after_done", 3)),
    "line_too_long": ([record("b", text="x" * 5000)], {}, Violation("line_too_long", 2)),
    "done_count_mismatch": ([done(2)], {}, Violation("done_count_mismatch", 2)),
    "exit_status_mismatch": ([done(1, "failed")], {}, Violation("exit_status_mismatch", 2)),
    "undeclared_stream": (
        [record("b") | {"stream": "dreams"}],
        {},
        Violation("undeclared_stream", 2, "dreams", "b"),
    ),
    "stream_outside_scope": (
        [record("b") | {"stream": "logs"}],
        {"resources": {"notes": ["r"]}},
        Violation("stream_outside_scope", 2, "logs", "b"),
    ),
    "delete_on_append_only": (
        [{"type": "RECORD", "stream": "logs", "key": "b", "op": "delete", "emitted_at": "t"}],
        {},
        Violation("delete_on_append_only", 2, "logs", "b"),
    ),
    "key_mismatch": (
        [record("b") | {"data": {"id": "c"}}],
        {},
        Violation("key_mismatch", 2, "notes", "b", field="id"),
    ),
    "resource_outside_scope": (
        [record("b", room="s")],
        {"resources": {"notes": ["r"]}},
        Violation("resource_outside_scope", 2, "notes", "b", field="room"),
    ),
    "time_outside_scope": (
        [record("b", at="2025-12-31T23:59:59Z")],
        {"time_range": WINDOW},
        Violation("time_outside_scope", 2, "notes", "b", field="at"),
    ),
    "field_outside_scope": (
        [record("b", text="t")],
        {"fields": {"notes": ["n"]}},
        Violation("field_outside_scope", 2, "notes", "b", field="text"),
    ),
    "schema_violation": (
        [record("b", text=5)],
        {},
        Violation("schema_violation", 2, "notes", "b", field="text"),
    ),
}


def first_of(request: dict[str, Any]) -> dict[str, Any]:
    return record("a", room="r", at="2026-01-01T00:00:00Z") if "time_range" in request else FIRST


@pytest.mark.parametrize("rule", CASES)
def test_a_violation(rule: str, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run fails with rule, line, stream, key and field; the record before it is kept, no cursor is."""
    monkeypatch.setattr(collection, "read_lines", lambda chunks, _: read_lines(chunks, 4000))
    lines, request, expected = CASES[rule]
    state = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}
    ahead: list[Any] = [first_of(request)]
    after = (
        []
        if any(line == done(1) or line == done(2) or line == done(1, "failed") for line in lines)
        else [
            state,
            record("z"),
            done(3),
        ]
    )
    connection = house.connect(house.plays(*ahead, *lines, *after), manifest(NOTES, LOGS))
    run = house.run(connection, **request)
    assert run.status == "failed"
    assert run.terminal_reason == "connector_protocol_violation"
    assert run.violation is not None
    seen = run.violation
    assert (seen.rule, seen.line, seen.stream, seen.key, seen.field) == (
        expected.rule,
        expected.line,
        expected.stream,
        expected.key,
        expected.field,
    )
    assert seen.message
    assert run.checkpoint == "not_committed"
    assert run.records.rejected == (1 if expected.key else 0)
    assert run.records.accepted == 1
    assert list(house.stored(connection)) == ["a"]
    assert house.cursors(connection) == {}
    assert house.leases() == []


@pytest.mark.parametrize("name", ["dreams", "logs"])
def test_a_cursor_of_a_stream_that_was_not_started(name: str, house: House) -> None:
    """STATE for a stream that the run did not start is a violation that names the stream."""
    connection = house.connect(
        house.plays({"type": "STATE", "stream": name, "cursor": {}}, done(0)), manifest(NOTES, LOGS)
    )
    run = house.run(connection, resources={"notes": ["r"]})
    assert run.violation is not None
    rule = "undeclared_stream" if name == "dreams" else "stream_outside_scope"
    assert (run.violation.rule, run.violation.stream) == (rule, name)


def test_a_cursor_under_its_state_stream(house: House) -> None:
    """A stream whose manifest names a `state_stream` keeps its cursor there, and the next run gets it."""
    program = (
        "s = hear(); say(type='STATE', stream='shared', cursor={'seen': s['state'], 'mode':"
        " s['collection_mode']}); done(0)"
    )
    connection = house.connect(house.program(program), manifest(stream(state_stream="shared")))
    house.run(connection)
    assert house.cursors(connection) == {"shared": {"seen": None, "mode": "full_refresh"}}
    house.run(connection)
    first = {"seen": None, "mode": "full_refresh"}
    assert house.cursors(connection) == {"shared": {"seen": {"shared": first}, "mode": "incremental"}}


def test_no_violation_holds_content(house: House) -> None:
    """Neither the run nor its timeline repeats a record's content when that record is at fault."""
    secret = "s3cret-of-the-owner"
    for wrong in ({"text": 5, "n": secret}, {"text": secret, "room": "s"}):
        connection = house.connect(house.plays(record("b", **wrong), done(1)))
        run = house.run(connection, resources={"notes": ["r"]}) if "room" in wrong else house.run(connection)
        assert run.violation is not None
        with house.host.services.storage.read() as view:
            told = json.dumps([event.data for event in view.timeline(run.run_id)])
        assert secret not in told + str(run)
