"""Scopes through the whole runtime: a real run, a real database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdpp_host.domain.requests import RequestRefused

from ..domain.test_scope_property import after, fault, lines, requests
from ..houses import House, done, manifest, record, stream

# A run costs a process and some fifty milliseconds, so few examples go the whole way here;
# tests/host/domain/test_scope_property.py tries many on the decision alone.
WHOLE_WAY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@WHOLE_WAY
@given(requests(), st.lists(lines(), max_size=6))
def test_what_is_stored_is_inside(house: House, asked: dict[str, Any], said: list[dict[str, Any]]) -> None:
    """What lay inside before the first offender is stored, nothing else is, and the violation names the
    offender by line, stream, key and field (PR-03.2)."""
    connection = house.connect(house.plays(*said, done(len(said))))
    run = house.run(connection, **asked)
    faults = [(number, line, fault(line, asked)) for number, line in enumerate(said, start=1)]
    bad = next(((number, line, wrong) for number, line, wrong in faults if wrong is not None), None)
    if bad is None:
        assert (run.status, run.violation) == ("completed", None)
        assert house.stored(connection) == after(said)
        return
    number, line, (rule, field) = bad
    seen = run.violation
    assert seen is not None
    assert (seen.rule, seen.line, seen.stream, seen.key, seen.field) == (
        rule,
        number,
        "notes",
        line["key"],
        field,
    )
    assert run.records.rejected == 1
    assert house.stored(connection) == after(said[: number - 1])


def test_the_host_adds_its_own_fields(house: House) -> None:
    """A `fields` list goes out with the stream's resource and time field, by which the host judges."""
    program = house.program("s = hear(); say(type='STATE', stream='notes', cursor=s['scope']); done(0)")
    connection = house.connect(program)
    run = house.run(connection, fields={"notes": ["text"]})
    assert run.scope == {"streams": [{"name": "notes", "fields": ["text", "room", "at"]}]}


def test_a_record_without_its_key_field(house: House) -> None:
    """A record that leaves its key field out, as a `fields` run lets it, contradicts no key."""
    loose = stream(schema={"type": "object", "properties": {"id": {}, "text": {}}})
    connection = house.connect(house.plays(record("a") | {"data": {"text": "t"}}, done(1)), manifest(loose))
    assert house.run(connection, fields={"notes": ["text"]}).status == "completed"
    assert house.stored(connection) == {"a": {"text": "t"}}


@pytest.mark.parametrize(
    ("asked", "window"),
    [
        (None, {"since": "2026-03-01T00:00:00Z"}),
        ({"since": "2026-01-01T00:00:00Z"}, {"since": "2026-03-01T00:00:00Z"}),
        ({"since": "2026-04-01T00:00:00Z"}, {"since": "2026-04-01T00:00:00Z"}),
        (
            {"until": "2026-04-01T00:00:00Z"},
            {"since": "2026-03-01T00:00:00Z", "until": "2026-04-01T00:00:00Z"},
        ),
    ],
)
def test_no_request_reaches_before_the_path(house: House, asked: Any, window: Any) -> None:
    """A request's window is cut at the path's standing one."""
    connection = house.connect(house.plays(done(0)), since="2026-03-01T00:00:00Z")
    run = house.run(connection, **({"time_range": {"notes": asked}} if asked else {}))
    assert run.scope == {"streams": [{"name": "notes", "time_range": window}]}


def test_a_window_wholly_before_the_path(house: House) -> None:
    """A request for what lies before the path's standing window is refused, naming the edge."""
    connection = house.connect(house.plays(done(0)), since="2026-03-01T00:00:00Z")
    with pytest.raises(RequestRefused) as caught:
        house.start(connection, time_range={"notes": {"until": "2026-03-01T01:00:00+01:00"}})
    assert (caught.value.code, caught.value.param) == ("invalid_time_range", "time_range.notes.until")
