"""Several paths in one connection: under a proof, with provenance, and never over each other's records."""

from __future__ import annotations

import pytest

from ..houses import record, stream
from .instances import SAME, Owner


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
