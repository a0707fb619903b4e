"""The owner's routes over a real socket, from registration to a run's end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..houses import House, done, manifest, record, stream
from .callers import STAGE, Caller

STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}
OPERATIONS = {
    *("break", "clock", "connections", "deny_writes", "hold", "liveness", "records", "rules", "runs"),
    *("schema", "spine", "state", "tamper", "trace"),
}


def configured(owner: Caller, house: House, **more: Any) -> str:
    """A connection made as an owner makes one; its id."""
    command = house.plays(record("a", text="t"), STATE, done(1))
    owner.post("/_ref/connectors", {"manifest": manifest(), "command": list(command)})
    body = {"connector_key": "notes", "binding": {"local": "x"}, "method": "device_sync"} | more
    return str(owner.post("/_ref/connections", body).body["connection_id"])


def test_the_whole_way(owner: Caller, house: House) -> None:
    """Register, configure, run, look at run, timeline, state and records: as the design fixes them."""
    connection = configured(owner, house, display_name="My notes")
    started = owner.post(f"/_ref/connections/{connection}/run", {"resources": {"notes": ["a"]}})
    run_id = started.body["run_id"]
    assert (started.status, started.body) == (202, {"run_id": run_id, "status": "started"})
    house.ended(run_id)
    run = owner.get(f"/_ref/runs/{run_id}").body
    assert run.pop("started_at") <= run.pop("finished_at")
    assert run == {
        "run_id": run_id,
        "connection_id": connection,
        "path": 0,
        "status": "completed",
        "scope": {"streams": [{"name": "notes", "resources": ["a"]}]},
        "known_gaps": [],
        "checkpoint": "withheld",
        "records": {"accepted": 1, "updated": 0, "deleted": 0, "rejected": 0, "replaced": 0},
    }
    events = owner.get(f"/_ref/runs/{run_id}/timeline").body["data"]
    assert (events[0]["event_type"], events[-1]["event_type"]) == ("run.started", "run.completed")
    assert owner.get(f"/_ref/connections/{connection}/state").body["state"] == {"0": {}}
    [row] = owner.get("/v1/streams/notes/records", connection_id=connection).body["data"]
    assert (row["key"], row["data"]) == ("a", {"id": "a", "text": "t"})
    assert (row["connection_name"], row["connector_key"]) == ("My notes", "notes")
    assert owner.get(f"/v1/streams/notes/records/{row['record_id']}").body == row
    [listed] = owner.get("/v1/streams").body["data"]
    assert (listed["stream"], listed["records"], listed["connection_id"]) == ("notes", 1, connection)
    cancelled = owner.post(f"/_ref/runs/{run_id}/cancel")
    assert (cancelled.status, cancelled.body["status"]) == (202, "completed")


def test_a_run_with_a_violation(owner: Caller, house: House) -> None:
    """A violation shows with rule, line, stream, key and field."""
    connection = house.connect(house.plays(record("a", text=5), done(1)))
    run_id = owner.post(f"/_ref/connections/{connection}/run").body["run_id"]
    house.ended(run_id)
    run = owner.get(f"/_ref/runs/{run_id}").body
    seen = run["violation"]
    assert (run["status"], run["terminal_reason"]) == ("failed", "connector_protocol_violation")
    assert (seen["rule"], seen["line"], seen["stream"], seen["key"], seen["field"]) == (
        "schema_violation",
        1,
        "notes",
        "a",
        "text",
    )


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"resources": []}, "invalid_resources", "resources"),
        ({"resources": "a"}, "invalid_resources", "resources"),
        ({"resources": 5}, "invalid_resources", "resources"),
        ({"resources": {}}, "invalid_resources", "resources"),
        ({"resources": {"notes": []}}, "invalid_resources", "resources.notes"),
        ({"resources": {"notes": [1]}}, "invalid_resources", "resources.notes[0]"),
        ({"resources": {"notes": [["a"]]}}, "invalid_resources", "resources.notes[0]"),
        ({"resources": {"notes": ["a", ""]}}, "invalid_resources", "resources.notes[1]"),
        ({"resources": {"notes": {"a": "b"}}}, "invalid_resources", "resources.notes"),
        ({"resources": {"notes": ["a"], "dreams": ["b"]}}, "unknown_stream", "resources.dreams"),
        ({"resources": {"notes": ["a"]}, "why": 1}, "unknown_field", "why"),
        ({"fields": {"notes": []}}, "invalid_fields", "fields.notes"),
        ({"fields": {"notes": ["nope"]}}, "unknown_record_field", "fields.notes[0]"),
        ({"time_range": {"notes": {}}}, "invalid_time_range", "time_range.notes"),
        ({"time_range": {"notes": {"since": "noon"}}}, "invalid_time_range", "time_range.notes.since"),
        ({"time_range": {"notes": {"since": None}}}, "invalid_time_range", "time_range.notes.since"),
        (
            {"time_range": {"logs": {"since": "2026-01-01T00:00:00Z"}}},
            "time_range_not_supported",
            "time_range.logs",
        ),
        ({"coverage": {"notes": "some"}}, "invalid_coverage", "coverage.notes"),
        ({"coverage": {"notes": "full_refresh"}}, "coverage_not_permitted", "coverage.notes"),
        (b'{"resources":{"notes":["a"]},"resources":{}}', "duplicate_key", "resources"),
        (b'{"resources":{"notes":["a"],"notes":["b"]}}', "duplicate_key", "notes"),
        (b'{"resources":{"notes":["\\ud800"]}}', "invalid_json", None),
        (b'{"resources":{"notes":[NaN]}}', "invalid_json", None),
        (b'{"resources":{"notes":[1e999]}}', "invalid_json", None),
        (b"{", "invalid_json", None),
        (b"\xff", "invalid_json", None),
        (b"[" * 5000, "invalid_json", None),
        (b"[]", "invalid_request", None),
        (b" " * (1024 * 1024 + 1), "body_too_large", None),
    ],
)
def test_run_requests_that_are_refused(
    owner: Caller, house: House, body: Any, code: str, param: str | None
) -> None:
    """Each wrong shape is refused with its own code and the offending part, and starts nothing (PR-03.3)."""
    flag = house.home / "started"
    logs = stream("logs", consent_time_field=None)
    connection = house.connect(house.program(f"open({str(flag)!r}, 'w')"), manifest(stream(), logs))
    answer = owner.post(f"/_ref/connections/{connection}/run", body)
    assert (answer.code, answer.body["error"].get("param")) == (code, param)
    assert not flag.exists()
    assert house.leases() == []


@pytest.mark.parametrize(
    "body", [None, b"", b"  \n", {"resources": None}, {"resources": None, "fields": None}]
)
def test_null_asks_for_nothing(owner: Caller, house: House, body: Any) -> None:
    """An empty body and null parts ask for a whole run: the control beside the refusals."""
    connection = house.connect(house.plays(done(0)))
    answer = owner.post(f"/_ref/connections/{connection}/run", body)
    assert answer.status == 202
    assert house.ended(answer.body["run_id"]).status == "completed"


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"command": []}, "invalid_request", "command"),
        ({"command": [""]}, "invalid_request", "command[0]"),
        ({"colour": "red"}, "unknown_field", None),
        ({"manifest": {}}, "invalid_manifest", "manifest"),
        ({"manifest": manifest() | {"streams": []}}, "invalid_manifest", "manifest.streams"),
        ({"manifest": manifest(stream(), stream())}, "invalid_manifest", "manifest.streams"),
        (
            {"manifest": manifest(stream(schema={"type": "nonsense"}))},
            "invalid_manifest",
            "manifest.streams.notes.schema",
        ),
        (
            {"manifest": manifest(stream(schema={"$ref": "https://example.org/schema"}))},
            "invalid_manifest",
            "manifest.streams.notes.schema",
        ),
        (
            {"manifest": manifest(stream(primary_key=[]))},
            "invalid_manifest",
            "manifest.streams.notes.primary_key",
        ),
    ],
)
def test_registrations_that_are_refused(owner: Caller, change: Any, code: str, param: str | None) -> None:
    """A manifest that no run could use is refused when it is registered, naming the part."""
    body = {"manifest": manifest(), "command": ["x"]} | change
    answer = owner.post("/_ref/connectors", body)
    assert (answer.code, answer.body["error"].get("param")) == (code, param)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"connector_key": "nobody"}, "unknown_connector"),
        ({"method": "magic"}, "invalid_request"),
        ({"binding": {"colour": "red"}}, "unknown_field"),
        ({"since": "yesterday"}, "invalid_request"),
        ({"since": "2026-01-01T00:00:00"}, "invalid_request"),
    ],
)
def test_configurations_that_are_refused(owner: Caller, house: House, change: Any, code: str) -> None:
    """A configuration that cannot be carried out is refused with its code."""
    configured(owner, house)
    body = {"connector_key": "notes", "binding": {"local": "x"}, "method": "device_sync"} | change
    assert owner.post("/_ref/connections", body).code == code


def test_a_standing_window_needs_times(owner: Caller, house: House) -> None:
    """A path is given no window that one of its streams could not be held to."""
    timeless = manifest(stream(), stream("logs", consent_time_field=None))
    owner.post("/_ref/connectors", {"manifest": timeless, "command": ["x"]})
    body = {"connector_key": "notes", "binding": {}, "method": "device_sync", "since": "2026-01-01T00:00:00Z"}
    refused = owner.post("/_ref/connections", body)
    assert (refused.code, refused.body["error"]["param"]) == ("time_range_not_supported", "since")


def test_one_run_at_a_time(owner: Caller, house: House) -> None:
    """A second run is 409, and one that is cancelled ends cancelled."""
    connection = house.connect(house.program("threading.Event().wait()"))
    run_id = owner.post(f"/_ref/connections/{connection}/run").body["run_id"]
    again = owner.post(f"/_ref/connections/{connection}/run")
    assert (again.status, again.code) == (409, "run_already_active")
    assert owner.post(f"/_ref/runs/{run_id}/cancel").body == {"run_id": run_id, "status": "cancelling"}
    assert house.ended(run_id).terminal_reason == "owner_cancelled"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_ref/connections/none/run"),
        ("GET", "/_ref/connections/none/state"),
        ("GET", "/_ref/runs/none"),
        ("GET", "/_ref/runs/none/timeline"),
        ("POST", "/_ref/runs/none/cancel"),
        ("GET", "/v1/streams/notes/records/none"),
        ("GET", "/nowhere"),
    ],
)
def test_what_is_not_there(owner: Caller, method: str, path: str) -> None:
    """What does not exist is 404 not_found."""
    answer = owner.call(method, path)
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_method_that_a_route_has_not(owner: Caller) -> None:
    """A wrong method is 405 and says which are right."""
    answer = owner.call("DELETE", "/_ref/connectors")
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method_not_allowed", "POST")


def test_the_stage(owner: Caller, house: House) -> None:
    """The stage commits cursors for a path as a run would, and says which operations it has."""
    stage = owner.bearing(STAGE)
    connection = house.connect(house.plays(done(0)))
    assert stage.get("/_stage").body == {"operations": sorted(OPERATIONS)}
    body = {"connection_id": connection, "state": {"notes": {"n": 1}}}
    assert stage.post("/_stage/state", body).body["streams"] == ["notes"]
    assert house.cursors(connection) == {"notes": {"n": 1}}
    assert stage.post("/_stage/state", body | {"path": 3}).code == "not_found"


def test_a_host_that_breaks(owner: Caller, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the host's own is 500 and tells nothing of what was wrong."""
    connection = house.connect(house.plays(done(0)))

    def broken(*_: Any) -> Any:
        raise RuntimeError("secret path /root")

    monkeypatch.setattr(type(house.host.controller), "start", broken)
    answer = owner.post(f"/_ref/connections/{connection}/run")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert "secret" not in json.dumps(answer.body)


def test_the_stage_shows_and_spoils_the_schema(owner: Caller) -> None:
    """Events are appended; an index is lost by name or by age, and a start brings it back."""
    stage = owner.bearing(STAGE)
    assert stage.post("/_stage/spine", {"events": 6000, "sources": 3}).body == {"events": 6000}
    name = "ix_spine_events_source_run"

    def after(do: str, **more: str) -> tuple[bool, bool]:
        shown = stage.post("/_stage/schema", {"do": do, **more}).body
        return name in {index["name"] for index in shown["indexes"]}, name in shown["grouped_by"]

    assert after("look") == (True, True)
    assert after("age") == (False, False)
    assert after("start") == (True, True)
    assert after("lose", index=name) == (False, False)
    assert after("start") == (True, True)
    assert stage.post("/_stage/schema", {"do": "pray"}).code == "invalid_request"
    assert stage.post("/_stage/spine", {"events": 0}).code == "invalid_request"


def test_a_nul_is_refused_before_anything_is_written(owner: Caller, house: House) -> None:
    """No storage holds one, in whatever text of a body it stands; the text of its escape is no NUL."""
    connection = house.connect(house.plays(done(0)))
    run = f"/_ref/connections/{connection}/run"
    for body in (rb'{"resources": {"notes": ["a\u0000"]}}', rb'{"resources": {"no\u0000tes": ["a"]}}'):
        answer = owner.call("POST", run, body)
        assert (answer.status, answer.code) == (400, "invalid_request")
    assert owner.call("POST", run, rb'{"resources": {"notes": ["\\u0000"]}}').status == 202
