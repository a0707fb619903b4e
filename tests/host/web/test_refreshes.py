"""What a full refresh takes away, what takes its authority from it, and what batches tell of it (CI-02)."""

from __future__ import annotations

from typing import Any

import pytest

from ..houses import record
from .instances import SAME, Owner, refreshable

WINDOW = {"notes": {"since": "2026-02-01T00:00:00+02:00", "until": "2026-03-01T00:00:00Z"}}
INSIDE = ("2026-02-01T00:00:00+02:00", "2026-01-31T22:00:00Z", "2026-02-28T23:59:59.999Z")
OUTSIDE = ("2026-01-31T21:59:59Z", "2026-03-01T00:00:00Z", "2026-02-10", None, 5)


def refresh(instances: Owner, connection: str, **request: Any) -> dict[str, Any]:
    return instances.run(connection, path=1, coverage={"notes": "full_refresh"}, **request)


def test_a_refresh_takes_away_what_it_alone_had_seen(instances: Owner) -> None:
    """What another path has seen stays, with its authority and without; the receipt says which it was."""
    connection = instances.two_paths()
    instances.emits("archive", record("a"), record("b"))
    instances.emits("api", record("c"), record("d"))
    instances.imports(connection)
    instances.run(connection)
    instances.emits("api", record("d"))
    instances.run(connection)
    assert instances.keys(connection) == ["a", "b", "c", "d"]
    run = refresh(instances, connection)
    assert run["records"]["deleted"] == 1
    assert instances.keys(connection) == ["a", "b", "d"]
    claims = [batch["coverage"] for batch in instances.batches(connection)]
    assert claims[-2:] == [
        [{"stream": "notes", "claim": "none", "authority": False, "denied": "not_claimed"}],
        [{"stream": "notes", "claim": "full_refresh", "authority": True}],
    ]


def test_a_refresh_of_a_window_stays_inside_it(instances: Owner) -> None:
    """Edges are instants, since inclusive and until exclusive; a record without a time is outside."""
    connection = instances.two_paths()
    times = (*INSIDE, *OUTSIDE)
    instances.emits("api", *(record(str(n), at=at) for n, at in enumerate(times)))
    instances.run(connection)
    instances.emits("api")
    run = refresh(instances, connection, time_range=WINDOW)
    assert run["records"]["deleted"] == len(INSIDE)
    assert instances.keys(connection) == [str(n) for n in range(len(INSIDE), len(times))]


SKIP = {"type": "SKIP_RESULT", "stream": "notes", "reason": "user_disabled"}
NAMELESS = {"type": "SKIP_RESULT", "reason": "x"}
GAP = {"type": "DETAIL_GAP", "stream": "notes", "reason": "x", "retryable": True}
THIN = {"type": "DETAIL_COVERAGE", "reference_only": True, "stream": "notes", "state_stream": "notes"}


@pytest.mark.parametrize(
    "line",
    [SKIP, NAMELESS, GAP, THIN | {"required_keys": ["a"], "hydrated_keys": []}],
)
def test_a_refresh_that_left_anything_out_takes_nothing_away(instances: Owner, line: dict[str, Any]) -> None:
    """A skip of any reason, a gap, or details that are wanting: the authority is gone."""
    connection = instances.two_paths()
    instances.emits("api", record("a"), record("b"))
    instances.run(connection)
    instances.emits("api", record("a"), before_done=(line,))
    assert refresh(instances, connection)["status"] == "completed"
    assert instances.keys(connection) == ["a", "b"]
    assert instances.batches(connection)[-1]["coverage"][0]["denied"] == "incomplete"


@pytest.mark.parametrize("request_", [{"resources": {"notes": ["a"]}}, {"fields": {"notes": ["id"]}}])
def test_a_narrowed_refresh_takes_nothing_away(instances: Owner, request_: dict[str, Any]) -> None:
    """A run of some resources or fields has no authority over the stream."""
    connection = instances.two_paths()
    instances.emits("api", record("a"), record("b"))
    instances.run(connection)
    instances.emits("api", record("a"))
    refresh(instances, connection, **request_)
    assert instances.keys(connection) == ["a", "b"]


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_refresh_that_did_not_succeed_takes_nothing_away(instances: Owner, status: str) -> None:
    """A failed or cancelled refresh has no authority, whatever it has emitted."""
    connection = instances.two_paths()
    instances.emits("api", record("a"), record("b"))
    instances.run(connection)
    line = {"type": "DONE", "status": status, "records_emitted": 1}
    instances.plays("api", record("a"), line, exit_status=1)
    refresh(instances, connection)
    assert instances.keys(connection) == ["a", "b"]


def test_only_a_rule_lets_a_refresh_cross(instances: Owner) -> None:
    """What an archive alone has seen goes when the rule behind the proof authorises it, and not otherwise."""
    connection = instances.two_paths()
    instances.emits("archive", record("a"))
    instances.emits("api", record("b"))
    instances.imports(connection)
    refresh(instances, connection)
    assert instances.keys(connection) == ["a", "b"]
    instances.install(same_source=SAME, reconciles=["notes"])
    refresh(instances, connection)
    assert instances.keys(connection) == ["b"]


def test_an_import_may_claim_all_of_a_stream(instances: Owner) -> None:
    """An artifact that claims to be complete takes away what earlier artifacts alone had."""
    instances.emits("archive", record("a"), record("b"))
    connection = instances.connect("archive", "owner_artifact")
    instances.imports(connection, b"one")
    instances.emits("archive", record("b"))
    instances.imports(connection, b"two")
    assert instances.keys(connection) == ["a", "b"]
    instances.imports(connection, b"three", coverage='{"notes": "full_refresh"}')
    assert instances.keys(connection) == ["b"]


def test_batches_are_never_cut_to_the_latest(instances: Owner) -> None:
    """After fifty more the archive's claim and receipt are where they were."""
    instances.emits("archive", record("a"))
    connection = instances.connect("archive", "owner_artifact")
    first = instances.imports(connection, b"first", coverage='{"notes": "full_refresh"}').body["batch_id"]
    with instances.house.host.services.storage.write() as unit:
        [(_, batch)] = unit.batches(connection)
        from msgspec import structs

        for n in range(50):
            unit.add_batch(structs.replace(batch, batch_id=f"later-{n}"))
        unit.commit()
    found = instances.batches(connection)
    assert [each["batch_id"] for each in found] == [first, *(f"later-{n}" for n in range(50))]
    assert found[0]["coverage"] == [{"stream": "notes", "claim": "full_refresh", "authority": True}]


def test_a_claim_that_the_manifest_does_not_permit(instances: Owner) -> None:
    """A stream without coverage authority cannot be refreshed in full."""
    instances.plays("api", declared=refreshable(coverage_authority=None))
    connection = instances.connect("api", "provider_api", source={"root": "/"})
    body = {"coverage": {"notes": "full_refresh"}}
    assert instances.caller.post(f"/_ref/connections/{connection}/run", body).code == "coverage_not_permitted"
