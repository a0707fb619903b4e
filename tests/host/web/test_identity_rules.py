"""What identity rules do to the records and connections of several paths (CI-01)."""

from __future__ import annotations

import dataclasses

import pytest

from pdpp_host.domain.declared_rules import DeclaredRule
from pdpp_host.domain.entities import InstalledRule
from pdpp_host.domain.identity import IdentityFault, Proof, SourceBinding
from pdpp_host.runtime.identity import link

from ..houses import record, stream
from .instances import SAME, Owner


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
