"""How connections are doing: maintained evidence, shared looks, deep reads, time that moves by itself."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ..houses import done, manifest
from .instances import SAME, Owner, record, refreshable

NOW = "2026-05-01T10:00:00Z"


@pytest.fixture
def first(instances: Owner) -> str:
    """A connection that was collected once, at a moment at which the clock stands still."""
    instances.stage.post("/_stage/clock", {"at": NOW})
    instances.emits("api", record("a", text="t"), record("b"))
    connection = instances.connect("api", "provider_api", source={"root": "/"}, display_name="Mine")
    instances.run(connection)
    return connection


def listed(instances: Owner, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = instances.caller.get("/_ref/connectors", **query).body["data"]
    return rows


def traced(instances: Owner, path: str, name: str) -> dict[str, Any]:
    """What a request asked of the database."""
    instances.caller.client.get(
        path, headers={"Authorization": f"Bearer {instances.caller.token}", "X-Request-Id": name}
    )
    shown: dict[str, Any] = instances.stage.post("/_stage/trace", {"request_id": name}).body
    return shown


def test_a_row(instances: Owner, first: str) -> None:
    """A connection that was collected is current and healthy, with what it holds."""
    [row] = listed(instances)
    assert (row["connection_id"], row["display_name"]) == (first, "Mine")
    assert (row["freshness"]["status"], row["connection_health"]["state"]) == ("current", "healthy")
    assert row["retained"]["records"] == 2
    assert row["last_run"]["run_id"] == row["last_successful_run"]["run_id"]


def test_the_threshold_is_crossed_without_a_write(instances: Owner, first: str) -> None:
    """Only the clock moves, and writes are denied: the next read tells another freshness."""
    listed(instances)
    instances.stage.post("/_stage/deny_writes", {"denied": True})
    instances.stage.post("/_stage/clock", {"at": "2026-05-08T10:00:00Z"})
    assert listed(instances)[0]["freshness"]["status"] == "current"
    instances.stage.post("/_stage/clock", {"at": "2026-05-08T10:00:01Z"})
    [row] = listed(instances)
    assert row["freshness"]["status"] == "stale"
    assert row["next_action"]["action"] == "run"
    instances.stage.post("/_stage/deny_writes", {"denied": False})


def test_the_shortest_staleness_counts(instances: Owner) -> None:
    """Of the limits that the connectors of a connection's paths allow; who names none allows any."""
    instances.install(same_source=SAME)
    for key, seconds in (("one", 7200), ("two", 3600)):
        declared = manifest(refreshable(), key=key)
        declared["refresh_policy"] = {"maximum_staleness_seconds": seconds}
        command = list(instances.house.plays(done(0)))
        instances.caller.post("/_ref/connectors", {"manifest": declared, "command": command})
    instances.emits("any")
    one = instances.connect("one", "owner_artifact", binding=SAME[0], source={"root": "/"})
    instances.connect("any", "owner_artifact", source={"root": "/"})
    assert sorted(row["freshness"]["threshold_seconds"] for row in listed(instances)) == [7200, 604_800]
    assert instances.join(one, "two", "provider_api", binding=SAME[1], source={"root": "/"}).status == 201
    assert sorted(row["freshness"]["threshold_seconds"] for row in listed(instances)) == [3600, 604_800]


def test_a_list_costs_the_same_at_any_number(instances: Owner, first: str) -> None:
    """In steady state a list is the same few statements, whatever there is, and writes nothing."""
    seen = []
    for many in (3, 30):
        for _ in range(many - len(listed(instances))):
            other = instances.connect("api", "provider_api", source={"root": "/"})
            instances.stage.post("/_stage/records", {"connection_id": other, "stream": "notes", "count": 50})
        listed(instances)
        seen.append(traced(instances, "/_ref/connectors", f"list {many}"))
    assert [each["reads"] for each in seen] == [seen[0]["reads"]] * 2
    assert seen[0]["reads"] <= 3
    assert [each["writes"] for each in seen] == [0, 0]
    assert seen[1]["rows_read"] <= 2 * 30


def test_list_and_scoped_say_the_same(instances: Owner, first: str) -> None:
    """What both have is equal; the scoped read has runs besides, and no other connection's rows."""
    other = instances.connect("api", "provider_api", source={"root": "/"})
    [row] = [row for row in listed(instances) if row["connection_id"] == first]
    [deep] = listed(instances, connection=first)
    assert deep | row == deep
    assert [run["run_id"] for run in deep["runs"]] == [row["last_run"]["run_id"]]
    assert instances.caller.get(f"/_ref/connections/{first}").body == deep
    assert instances.caller.get("/_ref/connectors", connection="nobody").code == "not_found"
    assert len(listed(instances)) == 2
    assert other


def test_pages_of_the_list(instances: Owner, first: str) -> None:
    """Pages show each connection once, in the order of their making."""
    made = [first, *(instances.connect("api", "provider_api", source={"root": "/"}) for _ in range(4))]
    seen: list[str] = []
    query: dict[str, Any] = {}
    while True:
        page = instances.caller.get("/_ref/connectors", limit=2, **query).body
        seen += [row["connection_id"] for row in page["data"]]
        if not page["has_more"]:
            break
        query = {"cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("what", ["history", "evidence"])
def test_one_that_is_broken_stops_no_other(instances: Owner, first: str, what: str) -> None:
    """A sibling whose evidence cannot be folded, or whose history is broken, leaves the list answering."""
    other = instances.connect("api", "provider_api", source={"root": "/"})
    listed(instances)
    instances.stage.post("/_stage/break", {"what": what, "connection_id": other})
    rows = {row["connection_id"]: row for row in listed(instances)}
    assert rows[first]["connection_health"]["state"] == "healthy"
    assert instances.caller.get(f"/_ref/connections/{first}").status == 200
    assert rows[other]["connection_health"]["state"] != "healthy"
    if what == "history":
        assert instances.caller.get(f"/_ref/connections/{other}").status == 503
        assert instances.caller.get(f"/_ref/connections/{other}/diagnostics").status == 503


def test_a_success_behind_many_failures(instances: Owner, first: str) -> None:
    """The deep read finds the last success behind two hundred failures, and tells why they failed."""
    body = {"connection_id": first, "status": "failed", "terminal_reason": "run_timed_out", "count": 200}
    instances.stage.post("/_stage/runs", body)
    deep = instances.caller.get(f"/_ref/connections/{first}").body
    assert deep["last_success"]["status"] == "completed"
    assert {run["terminal_reason"] for run in deep["runs"]} == {"run_timed_out"}
    assert deep["last_successful_run"]["run_id"] == deep["last_success"]["run_id"]


def test_runs_belong_by_key_else_by_name(instances: Owner, first: str) -> None:
    """A keyed run is its key's connection's; one whose key and name disagree is nobody's."""
    two = instances.connect("api", "provider_api", source={"root": "/"}, browser_profile_key="k2")
    three = instances.connect("api", "provider_api", source={"root": "/"}, browser_profile_key="k3")
    for body in (
        {"profile_key": "k2", "status": "completed"},
        {"profile_key": "k3", "connection_id": two, "status": "failed"},
        {"status": "failed"},
        {"profile_key": "nobody's", "status": "failed"},
    ):
        instances.stage.post("/_stage/runs", body)
    rows = {row["connection_id"]: row for row in listed(instances)}
    assert rows[two]["last_run"]["status"] == "completed"
    assert "last_run" not in rows[three]
    assert rows[first]["last_run"]["status"] == "completed"


def test_a_surface_tells_why_a_run_failed(instances: Owner, first: str) -> None:
    """Without a terminal reason it is what that run's own surface was heard of; a reason wins."""
    two = instances.connect("api", "provider_api", source={"root": "/"}, browser_profile_key="k2")
    event = {"event_type": "browser_surface.failed", "data": {"reason": "login_wall"}}
    body = {"connection_id": two, "profile_key": "k2", "status": "surface_failed", "events": [event]}
    instances.stage.post("/_stage/runs", body)
    rows = {row["connection_id"]: row for row in listed(instances)}
    assert rows[two]["last_run"]["failure_reason"] == "login_wall"
    instances.stage.post("/_stage/runs", body | {"terminal_reason": "run_timed_out"})
    rows = {row["connection_id"]: row for row in listed(instances)}
    assert rows[two]["last_run"]["failure_reason"] == "run_timed_out"


def test_a_staged_run_is_taken_further(instances: Owner, first: str) -> None:
    """A run that began gets an event, then its end; one that nobody knows is refused."""
    began = instances.stage.post("/_stage/runs", {"connection_id": first, "status": "active"})
    run = {"run_id": began.body["ids"][0], "status": "active"}
    event = {"event_type": "browser_surface.waiting", "data": {"reason": "no_slot"}}
    assert instances.stage.post("/_stage/runs", run | {"events": [event]}).status == 200
    [row] = listed(instances)
    assert (row["surface"]["reason"], row["last_run"]["status"]) == ("no_slot", "active")
    assert instances.stage.post("/_stage/runs", run | {"status": "failed"}).status == 200
    [row] = listed(instances)
    assert (row["last_run"]["run_id"], row["last_run"]["status"]) == (run["run_id"], "failed")
    assert instances.stage.post("/_stage/runs", run | {"run_id": "run_x"}).status == 404


def test_a_held_look_fails_alone(instances: Owner, first: str) -> None:
    """A look that is let go to fail is an error for its reader, and for nobody later."""
    before = instances.stage.post("/_stage/trace", {"request_id": "x"}).body["projections"]
    instances.stage.post("/_stage/hold", {"held": True})
    answers: list[int] = []
    reader = threading.Thread(target=lambda: answers.append(asked_alone(instances).status_code))
    reader.start()
    while instances.stage.post("/_stage/trace", {"request_id": "x"}).body["projections"] == before:
        pass
    instances.stage.post("/_stage/hold", {"held": False, "failing": True})
    reader.join(30)
    assert answers == [503]
    assert len(listed(instances)) == 1


def test_duplicates_share_a_look(instances: Owner, first: str) -> None:
    """While a look is held open later readers share the next one; scoped reads wait for nobody."""
    listed(instances)
    before = instances.stage.post("/_stage/trace", {"request_id": "x"}).body["projections"]
    instances.stage.post("/_stage/hold", {"held": True})
    answers: list[int] = []
    readers = [
        threading.Thread(target=lambda: answers.append(len(listed_alone(instances)))) for _ in range(12)
    ]
    for reader in readers:
        reader.start()
    while instances.stage.post("/_stage/trace", {"request_id": "x"}).body["projections"] == before:
        pass
    assert instances.caller.get(f"/_ref/connections/{first}").status == 200
    instances.stage.post("/_stage/hold", {"held": False})
    for reader in readers:
        reader.join(30)
    assert answers == [1] * 12
    after = instances.stage.post("/_stage/trace", {"request_id": "x"}).body["projections"]
    assert after - before < 12


def listed_alone(instances: Owner) -> list[Any]:
    """The list through a client of one's own."""
    found: list[Any] = asked_alone(instances).json()["data"]
    return found


def asked_alone(instances: Owner) -> Any:
    """The answer to a client of one's own that asks for the list."""
    import httpx

    base = str(instances.caller.client.base_url)
    with httpx.Client(base_url=base, verify=False, trust_env=False, timeout=30) as client:
        return client.get("/_ref/connectors", headers={"Authorization": f"Bearer {instances.caller.token}"})


def test_rename_pause_and_schedule(instances: Owner, first: str) -> None:
    """What the owner changes shows at once."""
    listed(instances)
    path = f"/_ref/connections/{first}"
    assert instances.caller.call("PATCH", path, {"display_name": "Ours"}).body["display_name"] == "Ours"
    instances.caller.call("PATCH", path, {"paused": True})
    instances.caller.call("PUT", f"{path}/schedule", {"interval_seconds": 3600})
    [row] = listed(instances)
    assert (row["display_name"], row["paused"], row["connection_health"]["state"]) == ("Ours", True, "idle")
    assert row["schedule"]["interval_seconds"] == 3600
    assert instances.caller.post(f"{path}/run").code == "connection_paused"
    assert instances.caller.call("PATCH", "/_ref/connections/nobody", {"paused": True}).code == "not_found"


def test_liveness_alone(instances: Owner, first: str) -> None:
    """A run whose carrier is dead changes the verdict, and nothing was written."""
    before = listed(instances)[0]
    instances.stage.post("/_stage/liveness", {"connection_id": first, "carrier": "dead"})
    after = listed(instances)[0]
    assert before["connection_health"] != after["connection_health"]
    instances.stage.post("/_stage/liveness", {"connection_id": first})
    assert listed(instances)[0] == before
