"""An owner's artifacts: taken in as they stream, run as imports, recognised, refused."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from pdpp_host.runtime.imports import home

from ..houses import record
from ..waiting import until
from .instances import Owner, refreshable, zipped

STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}


def left() -> list[Path]:
    """What lies staged."""
    return [each for each in home().glob("artifact-*") if each.suffix != ".lock"]


@pytest.fixture
def archive(instances: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A connection with an upload path, on a host that stages where nobody else does."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    instances.emits("archive", record("a", text="t"))
    return instances.connect("archive", "owner_artifact", binding={"local": "mine"})


def test_an_import_is_a_run_with_a_receipt(instances: Owner, archive: str) -> None:
    """The connector reads the staged bytes; its cursor is kept back, and the batch tells where it is from."""
    asked = instances.imports(archive, b"From the source", name="../notes.mbox")
    assert (asked.status, asked.body["status"]) == (202, "started")
    run = instances.caller.get(f"/_ref/runs/{asked.body['run_id']}").body
    assert (run["status"], run["checkpoint"]) == ("completed", "withheld")
    assert instances.caller.get(f"/_ref/connections/{archive}/state").body["state"] == {"0": {}}
    batch_id = asked.body["batch_id"]
    batch = instances.caller.get(f"/_ref/connections/{archive}/batches/{batch_id}").body
    assert (batch["status"], batch["method"]) == ("completed", "owner_artifact")
    assert batch["counts"] == {"parsed": 1, "accepted": 1, "duplicate": 0, "skipped": 0, "failed": 0}
    assert batch["provenance"] == {
        "run_id": asked.body["run_id"],
        "connector_key": "archive",
        "parser_version": "1",
        "source_format": "mbox",
        "artifact_name": "../notes.mbox",
        "artifact_sha256": sha256(b"From the source").hexdigest(),
        "artifact_bytes": 15,
    }
    assert instances.keys(archive) == ["a"]


def test_what_a_connector_reads(instances: Owner, archive: str) -> None:
    """A file lies under its own name in the root that START binds, an archive's files under theirs."""
    say = (
        "start = hear(); root = start['bindings']['filesystem']['root']; "
        "walked = [os.path.join(d, f) for d, _, fs in os.walk(root) for f in fs]; "
        "names = sorted(os.path.relpath(each, root) for each in walked); "
        "[record(n, text=open(os.path.join(root, n)).read()) for n in names]; done(len(names))"
    )
    program = instances.house.program(say)
    from ..houses import manifest

    whole = manifest(refreshable(), key="archive")
    instances.caller.post("/_ref/connectors", {"manifest": whole, "command": list(program)})
    instances.imports(archive, b"one", name="/etc/one.txt")
    assert instances.keys(archive) == ["one.txt"]
    instances.imports(archive, zipped(**{"in/two.txt": b"two", "three.txt": b"three"}))
    assert instances.keys(archive) == ["in/two.txt", "one.txt", "three.txt"]
    assert left() == []


def test_the_same_bytes_are_recognised(instances: Owner, archive: str) -> None:
    """A second time nothing is written and the first receipt comes back; elsewhere it is a new import."""
    first = instances.imports(archive, b"one")
    again = instances.imports(archive, b"one", name="another.name")
    assert (again.status, again.body["status"]) == (200, "recognised")
    assert again.body["run_id"] == first.body["run_id"]
    assert again.body["receipt"]["counts"]["accepted"] == 1
    assert len(instances.batches(archive)) == 1
    assert instances.house.leases() == []
    other = instances.connect("archive", "owner_artifact")
    assert instances.imports(other, b"one").status == 202
    assert (instances.keys(archive), instances.keys(other)) == (["a"], ["a"])


def test_another_artifact_is_another_batch(instances: Owner, archive: str) -> None:
    """Overlapping artifacts go to the same connection, each with a receipt of its own."""
    instances.imports(archive, b"one")
    instances.emits("archive", record("a", text="t"), record("b"))
    second = instances.imports(archive, b"two", binding='{"local": "mine"}')
    assert second.status == 202
    counts = [batch["counts"] for batch in instances.batches(archive)]
    assert [(each["parsed"], each["accepted"], each["duplicate"]) for each in counts] == [
        (1, 1, 0),
        (2, 1, 1),
    ]
    assert instances.keys(archive) == ["a", "b"]


def test_a_failed_import_is_tried_afresh(instances: Owner, archive: str) -> None:
    """The same bytes after a failure are no repetition."""
    instances.plays("archive", record("a"), exit_status=1)
    first = instances.imports(archive, b"one")
    assert instances.caller.get(f"/_ref/runs/{first.body['run_id']}").body["status"] == "failed"
    instances.emits("archive", record("a"), record("b"))
    assert instances.imports(archive, b"one").status == 202
    assert [batch["status"] for batch in instances.batches(archive)] == ["failed", "completed"]
    assert instances.keys(archive) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "artifact_unreadable"),
        (zipped(**{"../../etc/passwd": b"x"}), "artifact_unsafe"),
        (zipped(**{"a.zip": zipped(b=b"c")}), "artifact_unsafe"),
        (zipped(a=b"b" * 1000)[:-40], "artifact_unreadable"),
        (zipped(a=b"\0" * 20_000_000), "artifact_too_large"),
    ],
)
def test_what_cannot_be_taken_in(instances: Owner, archive: str, content: bytes, code: str) -> None:
    """An artifact that is empty, unsafe, nested, damaged or a bomb is refused, and nothing is written."""
    refused = instances.imports(archive, content)
    assert refused.code == code, refused.body
    assert (instances.batches(archive), instances.house.leases(), left()) == ([], [], [])
    assert instances.imports(archive, b"right").status == 202


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"binding": '{"local": "other"}'}, 409, "distinct_connection_required"),
        ({"binding": "mine"}, 400, "invalid_query"),
        ({"binding": '{"locale": "mine"}'}, 400, "invalid_query"),
        ({"coverage": '{"notes": "all"}'}, 400, "invalid_coverage"),
        ({"coverage": '{"calls": "full_refresh"}'}, 400, "unknown_stream"),
    ],
)
def test_what_cannot_be_asked(
    instances: Owner, archive: str, query: dict[str, str], status: int, code: str
) -> None:
    """Another binding wants another connection; a claim is as for a run."""
    refused = instances.imports(archive, b"one", **query)
    assert (refused.status, refused.code) == (status, code)
    assert (instances.batches(archive), instances.house.leases()) == ([], [])


def test_a_connection_without_an_upload_path(instances: Owner) -> None:
    """Only a path of the method owner_artifact takes artifacts."""
    instances.emits("api")
    assert instances.imports(instances.connect("api", "provider_api")).code == "no_upload_path"
    assert instances.imports("nobody").code == "not_found"


def test_the_lease_is_taken_before_the_body_is_read(instances: Owner, archive: str) -> None:
    """While a run is under way an import is refused at once, whatever it would send."""
    held = instances.house.program("hear(); time.sleep(60)")
    from ..houses import manifest

    whole = manifest(refreshable(), key="archive")
    instances.caller.post("/_ref/connectors", {"manifest": whole, "command": list(held)})
    first = instances.caller.call("POST", f"/_ref/connections/{archive}/imports", b"one")
    assert first.status == 202
    second = instances.caller.call("POST", f"/_ref/connections/{archive}/imports", b"two")
    assert (second.status, second.code) == (409, "run_already_active")
    instances.caller.post(f"/_ref/runs/{first.body['run_id']}/cancel")
    instances.house.ended(first.body["run_id"])
    assert [batch["status"] for batch in instances.batches(archive)] == ["cancelled"]
    assert left() == []


def test_a_body_that_breaks_off_leaves_nothing(instances: Owner, archive: str) -> None:
    """A caller who goes away in the middle leaves no lease, no bytes and no batch."""
    import socket
    from urllib.parse import urlsplit

    url = urlsplit(str(instances.caller.client.base_url))
    with socket.create_connection((url.hostname or "", url.port or 0)) as raw:
        head = f"POST /_ref/connections/{archive}/imports HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
        raw.sendall(f"{head}Authorization: Bearer {instances.caller.token}\r\n\r\n".encode() + b"half")
        until(instances.house.leases)
        raw.shutdown(socket.SHUT_WR)
        raw.recv(1000)
    until(lambda: not instances.house.leases())
    assert (instances.house.leases(), left(), instances.batches(archive)) == ([], [], [])
