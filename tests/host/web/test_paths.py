"""Several paths in one connection: under a proof, with provenance, and never over each other's records."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pdpp_host.domain.declared_rules import DeclaredRule
from pdpp_host.domain.entities import InstalledRule
from pdpp_host.domain.identity import IdentityFault, Proof, SourceBinding
from pdpp_host.runtime.identity import link

from ..houses import record, stream
from .instances import SAME, Owner, refreshable


def test_nothing_is_merged_by_its_type(instances: Owner) -> None:
    """Two configurations that are equal in all but the account are two connections."""
    instances.emits("api", record("a"))
    one = instances.connect("api", "provider_api", binding={"account": "ana"}, source={"root": "/"})
    two = instances.connect("api", "provider_api", binding={"account": "ana"}, source={"root": "/"})
    assert one != two
    instances.run(one)
    assert (instances.keys(one), instances.keys(two)) == (["a"], [])


def test_a_path_without_a_proof_is_refused(instances: Owner) -> None:
    """The refusal names the connections that it could belong to, and what each rule is wanting."""
    instances.emits("archive")
    instances.emits("api")
    connection = instances.connect("archive", "owner_artifact", binding={"account": "ana@mail.example"})
    other = instances.connect("archive", "owner_artifact")
    instances.caller.post("/_ref/identity-rules", {"name": "imap_account", "installed": True})
    refused = instances.join(connection, "api", "provider_api", binding={"account": "ana@mail.example"})
    assert (refused.status, refused.code) == (409, "proof_required")
    candidates = refused.body["error"]["candidates"]
    assert [each["connection_id"] for each in candidates] == [connection, other]
    assert candidates[0]["wanting"]["imap_account"] == (
        "both bindings must name an account as imap://login@server"
    )
    shown = instances.caller.get(f"/_ref/connections/{connection}/diagnostics").body
    assert [path["path"] for path in shown["paths"]] == [0]


@pytest.mark.parametrize("first", [0, 1])
def test_a_proof_lets_a_path_in_either_way_round(instances: Owner, first: int) -> None:
    """With the proof a second path joins, the archive's or the interface's first, and the proof shows."""
    instances.install(same_source=SAME)
    instances.emits("one")
    instances.emits("two")
    methods = ("provider_api", "owner_artifact") if first == 0 else ("owner_artifact", "provider_api")
    connection = instances.connect("one", methods[0], binding=SAME[first], source={"root": "/"})
    joined = instances.join(connection, "two", methods[1], binding=SAME[1 - first], source={"root": "/"})
    assert joined.status == 201
    assert [path["method"] for path in joined.body["paths"]] == list(methods)
    shown = instances.caller.get(f"/_ref/connections/{connection}/diagnostics").body
    [proof] = shown["proofs"]
    assert (proof["rule"], proof["path"], proof["with_path"]) == ("declared", 1, 0)
    assert shown["identity_rules"] == ["declared", "rfc5322_message_id"]


def test_paths_of_another_shape_are_refused(instances: Owner) -> None:
    """A stream of one name and another shape does not fit in; annotations and orders are no shape."""
    instances.install(same_source=SAME)
    instances.emits("archive")
    connection = instances.connect("archive", "owner_artifact", binding=SAME[1])
    changed = stream()
    changed["schema"] = changed["schema"] | {"properties": {"id": {"type": "string"}}}
    instances.plays("other", declared=changed)
    refused = instances.join(connection, "other", "provider_api", binding=SAME[0])
    assert (refused.status, refused.code) == (409, "incompatible_stream")
    same = stream()
    same["schema"] = dict(reversed(list(same["schema"].items()))) | {"title": "Notes", "$comment": "x"}
    instances.plays("alike", declared=same)
    assert instances.join(connection, "alike", "provider_api", binding=SAME[0]).status == 201


def test_equal_keys_of_two_paths_are_two_records(instances: Owner) -> None:
    """Without a rule for records both stay, each with its own batch and method; nobody sees the path."""
    connection = instances.two_paths()
    instances.emits("archive", record("a", text="old"))
    instances.emits("api", record("a", text="new"))
    instances.imports(connection)
    instances.run(connection)
    rows = instances.caller.get("/v1/streams/notes/records", connection_id=connection).body["data"]
    assert [row["data"]["text"] for row in rows] == ["old", "new"]
    assert not {"method", "batch_id", "path"} & {name for row in rows for name in row}
    batches = instances.batches(connection)
    assert [(batch["path"], batch["method"]) for batch in batches] == [
        (0, "owner_artifact"),
        (1, "provider_api"),
    ]
    evidence = instances.caller.get(f"/_ref/connections/{connection}/diagnostics").body["evidence"]
    assert [(each["path"], each["seen"], each["only"]) for each in evidence] == [(0, 1, 1), (1, 1, 1)]


def test_a_rule_makes_them_one_record(instances: Owner) -> None:
    """Where a rule names the logical record both paths write it, and both have seen it."""
    connection = instances.two_paths()
    instances.install(same_source=SAME, logical={"notes": "text"})
    instances.emits("archive", record("a", text="same", n=1))
    instances.emits("api", record("b", text="same", n=2))
    instances.imports(connection)
    instances.run(connection)
    [row] = instances.caller.get("/v1/streams/notes/records", connection_id=connection).body["data"]
    assert row["data"]["n"] == 2
    evidence = instances.caller.get(f"/_ref/connections/{connection}/diagnostics").body["evidence"]
    assert [(each["path"], each["seen"], each["only"]) for each in evidence] == [(0, 1, 0), (1, 1, 0)]


def test_rules_that_disagree_are_named(instances: Owner) -> None:
    """Two rules with two names for one record end the run, which stored nothing."""
    connection = instances.two_paths()
    instances.install(logical={"notes": "text"})
    instances.stage.post("/_stage/rules", {"install": {"name": "second", "logical": {"notes": "text"}}})
    instances.emits("api", record("a", text="same"))
    run = instances.run(connection)
    assert (run["status"], run["terminal_reason"]) == ("failed", "identity_failed")
    [told] = [
        event["data"]["message"]
        for event in instances.caller.get(f"/_ref/runs/{run['run_id']}/timeline").body["data"]
        if event["event_type"] == "run.failed"
    ]
    assert "'declared'" in told
    assert "'second'" in told
    assert instances.keys(connection) == []


def test_two_paths_never_share_a_cursor(instances: Owner) -> None:
    """Each path starts from what itself committed."""
    connection = instances.two_paths()
    instances.run(connection)
    cursors = instances.caller.get(f"/_ref/connections/{connection}/state").body["state"]
    assert cursors == {"0": {}, "1": {"notes": {"by": "api"}}}


def test_which_path_runs(instances: Owner) -> None:
    """The one that is collected; where there are several the caller says which."""
    connection = instances.two_paths()
    instances.join(connection, "api", "device_sync", binding=SAME[0], source={"root": "/"})
    asked = instances.caller.post(f"/_ref/connections/{connection}/run")
    assert (asked.status, asked.code) == (400, "path_required")
    assert instances.run(connection, path=2)["path"] == 2
    wrong = instances.caller.call("POST", f"/_ref/connections/{connection}/run", None, {"path": 7})
    assert (wrong.status, wrong.code) == (404, "not_found")


def test_a_later_rule_moves_nothing_that_was_collected(instances: Owner) -> None:
    """The older connection goes on from the beginning, the younger keeps what it has and names the other."""
    instances.emits("archive", record("a"))
    instances.emits("api", record("b"))
    older = instances.connect("archive", "owner_artifact", binding=SAME[1])
    instances.imports(older)
    younger = instances.connect("api", "provider_api", binding=SAME[0], source={"root": "/"})
    instances.run(younger)
    [link] = instances.install(same_source=SAME).body["links"]
    assert (link["connection_id"], link["from_connection"]) == (older, younger)
    refused = instances.caller.post(f"/_ref/connections/{younger}/run")
    assert (refused.status, refused.code) == (409, "connection_superseded")
    assert refused.body["error"]["connection_id"] == older
    assert (instances.keys(older), instances.keys(younger)) == (["a"], ["b"])
    assert instances.run(older)["status"] == "completed"
    assert (instances.keys(older), instances.keys(younger)) == (["a", "b"], ["b"])
    assert {batch["method"] for batch in instances.batches(older)} == {"owner_artifact", "provider_api"}
    for connection in (older, younger):
        shown = instances.caller.get(f"/_ref/connections/{connection}/diagnostics").body
        assert [proof["rule"] for proof in shown["proofs"]] == ["declared"]
    assert shown["superseded_by"] == older
    again = instances.install(same_source=SAME)
    assert again.body["links"] == []


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


def test_a_delete_withdraws_one_paths_evidence(instances: Owner) -> None:
    """A record that another path has seen too stays when one of them deletes it, and goes with the last."""
    connection = instances.two_paths()
    instances.install(same_source=SAME, logical={"notes": "text"})
    for key in ("archive", "api"):
        instances.emits(key, record("a", text="same"))
    instances.imports(connection)
    instances.run(connection)
    gone = record("a", text="same") | {"op": "delete"}
    instances.emits("api", gone)
    instances.run(connection)
    assert instances.keys(connection) == ["a"]
    instances.emits("archive", gone)
    instances.imports(connection, b"other bytes")
    assert instances.keys(connection) == []


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


def test_a_delete_without_data_finds_its_logical_record(instances: Owner) -> None:
    """A delete has nothing but its key, and still reaches the record that a rule has named."""
    mail = {"mailbox": {"type": "string"}, "id": {"type": "string"}}
    declared = stream("messages") | {
        "schema": {"type": "object", "properties": mail, "required": ["mailbox", "id"]},
        "primary_key": ["mailbox", "id"],
        "consent_time_field": None,
        "selection": None,
    }
    key = ["INBOX", "1@example.org"]
    line = {"type": "RECORD", "stream": "messages", "key": key, "emitted_at": "2026-05-01T10:00:00Z"}
    done = {"type": "DONE", "status": "succeeded", "records_emitted": 1}
    instances.plays("api", line | {"data": {"mailbox": key[0], "id": key[1]}}, done, declared=declared)
    connection = instances.connect("api", "provider_api", source={"root": "/"})
    instances.run(connection)
    found = instances.caller.get("/v1/streams/messages/records", connection_id=connection)
    assert len(found.body["data"]) == 1
    instances.plays("api", line | {"op": "delete"}, done, declared=declared)
    assert instances.run(connection)["records"]["deleted"] == 1
    found = instances.caller.get("/v1/streams/messages/records", connection_id=connection)
    assert found.body["data"] == []


def test_a_rule_that_breaks_is_named(instances: Owner) -> None:
    """A rule that raises is refused by its name when it is installed, and nothing is changed."""

    class Breaks(DeclaredRule):
        def prove_same_source(self, a: SourceBinding, b: SourceBinding) -> Proof | None:
            raise KeyError("account")

    services = instances.house.host.services
    broken = dataclasses.replace(services, identity_rules=(*services.identity_rules, Breaks("breaks")))
    for key in ("archive", "api"):
        instances.emits(key)
        instances.connect(key, "owner_artifact")
    with broken.storage.write() as unit:
        unit.install_rule(InstalledRule("breaks", broken.clock.now()))
        with pytest.raises(IdentityFault, match="'breaks' broke with KeyError"):
            link(broken, unit)
