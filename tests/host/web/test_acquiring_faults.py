"""What goes wrong around acquisitions: what changes meanwhile, what is left out, who stays away."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from msgspec import structs

from pdpp_host.domain.requests import RequestRefused
from pdpp_host.runtime.imports import ImportWanted

from ..houses import done, manifest, record
from .callers import OWNER
from .instances import SAME, Owner, refreshable

FULL = {"notes": "full_refresh"}
SIBLING = {"account": "acct:sibling"}


def plays(instances: Owner, key: str, streams: list[dict[str, Any]], *lines: dict[str, Any]) -> None:
    """From now on the connector of this key has these streams and says these lines."""
    command = list(instances.house.plays(*lines))
    body = {"manifest": manifest(*streams, key=key), "command": command}
    assert instances.caller.post("/_ref/connectors", body).status == 201


def test_a_siblings_proof_lets_nothing_cross(instances: Owner) -> None:
    """A path that came along with a proven one may not remove what the rule never proved to be its own."""
    for key, name in (("archive", "a"), ("api", "b"), ("other", "c")):
        instances.emits(key, record(name))
    older = instances.connect("archive", "owner_artifact", binding=SAME[1])
    instances.imports(older)
    siblings = {"name": "siblings", "same_source": [SAME[0], SIBLING]}
    instances.stage.post("/_stage/rules", {"install": siblings})
    younger = instances.connect("api", "provider_api", binding=SAME[0], source={"root": "/"})
    instances.join(younger, "other", "device_sync", binding=SIBLING, source={"root": "/"})
    assert len(instances.install(same_source=SAME, reconciles=["notes"]).body["links"]) == 2
    instances.run(older, path=2, coverage=FULL)
    assert instances.keys(older) == ["a", "c"]


def test_a_rule_that_proves_no_more_lets_nothing_cross(instances: Owner) -> None:
    """A stored proof is none of a rule that is another one now under the same name."""
    connection = instances.two_paths()
    instances.emits("archive", record("a"))
    instances.imports(connection)
    instances.install(reconciles=["notes"])
    instances.run(connection, path=1, coverage=FULL)
    assert instances.keys(connection) == ["a"]


def test_too_many_paths_stay_apart(instances: Owner) -> None:
    """Connections that have too many paths for one are not linked, and the rule is in force all the same."""
    instances.emits("archive", record("a"))
    instances.emits("api", record("b"))
    older = instances.connect("archive", "owner_artifact", binding=SAME[1])
    younger = instances.connect("api", "provider_api", binding=SAME[0], source={"root": "/"})
    with instances.house.host.services.storage.write() as unit:
        [path] = unit.paths(older)
        for n in range(1, 63):
            unit.add_path(structs.replace(path, ordinal=n, binding={"local": str(n)}))
        unit.commit()
    answer = instances.install(same_source=SAME)
    assert (answer.status, answer.body["links"]) == (200, [])
    assert instances.run(younger)["status"] == "completed"


def test_a_new_manifest_fits_its_connections(instances: Owner) -> None:
    """A connector of a shared connection cannot change a stream's shape under it; one alone can."""
    instances.emits("alone")
    connection = instances.two_paths()
    changed = refreshable()
    changed["schema"] = changed["schema"] | {"properties": {"id": {"type": "string"}}}
    for key, status in (("api", 409), ("alone", 201)):
        body = {"manifest": manifest(changed, key=key), "command": ["true"]}
        answer = instances.caller.post("/_ref/connectors", body)
        assert answer.status == status
    assert instances.run(connection)["status"] == "completed"


@pytest.mark.parametrize("missing", ["rooms", "no stream of its"])
def test_a_gap_that_may_be_of_the_stream(instances: Owner, missing: str) -> None:
    """What a parent stream lacks its children lack, and a gap of nobody knows what is one of everything."""
    streams = [refreshable(parent_streams=["rooms"]), refreshable(name="rooms")]
    plays(instances, "api", streams, record("a"), record("b"), done(2))
    connection = instances.connect("api", "provider_api")
    instances.run(connection)
    skip = {"type": "SKIP_RESULT", "stream": missing, "reason": "source_partition_missing"}
    plays(instances, "api", streams, record("a"), skip, done(1))
    instances.run(connection, coverage=FULL)
    assert instances.keys(connection) == ["a", "b"]
    assert instances.batches(connection)[-1]["coverage"][0]["denied"] == "incomplete"


def test_bytes_of_which_only_a_part_was_taken(instances: Owner) -> None:
    """An import that took one stream does not stand for one of all streams; one of all stands for one."""
    streams = [refreshable(), refreshable(name="log")]
    plays(instances, "archive", streams, record("a"), done(1))
    connection = instances.connect("archive", "owner_artifact")
    assert instances.imports(connection, b"one", coverage=json.dumps(FULL)).status == 202
    plays(instances, "archive", streams, record("a"), record("b") | {"stream": "log"}, done(2))
    assert instances.imports(connection, b"one").status == 202
    assert instances.imports(connection, b"one", coverage=json.dumps(FULL)).status == 200
    assert len(instances.batches(connection)) == 2


def test_several_upload_paths(instances: Owner) -> None:
    """The binding says which; bytes that one of them took in are new to the other."""
    instances.install(same_source=[*SAME, {"local": "zip"}])
    instances.emits("archive", record("a"))
    instances.emits("zip", record("z"))
    connection = instances.connect("archive", "owner_artifact", binding=SAME[1])
    assert instances.imports(connection, b"one").status == 202
    assert instances.join(connection, "zip", "owner_artifact", binding={"local": "zip"}).status == 201
    assert instances.imports(connection, b"one").code == "path_required"
    assert instances.imports(connection, b"one", binding='{"local": "zip"}').status == 202
    assert instances.keys(connection) == ["a", "z"]


def test_a_connection_that_is_superseded_during_an_upload(instances: Owner) -> None:
    """What is collected from then on goes on elsewhere, so the artifact is refused and nothing is left."""
    instances.emits("api", record("z"))
    instances.emits("archive", record("a"))
    older = instances.connect("api", "provider_api", binding=SAME[0], source={"root": "/"})
    younger = instances.connect("archive", "owner_artifact", binding=SAME[1])
    receiving = instances.house.host.imports.begin(younger, ImportWanted("x"))
    receiving.write(b"bytes")
    assert instances.install(same_source=SAME).body["links"]
    with pytest.raises(RequestRefused) as caught:
        receiving.finish()
    receiving.abort()
    assert (caught.value.code, caught.value.connection_id) == ("connection_superseded", older)
    assert instances.house.leases() == []
    assert instances.batches(younger) == []


def test_a_rule_that_goes_during_an_upload(instances: Owner) -> None:
    """A rule that is removed before the import runs lets it reach nothing any more."""
    connection = instances.two_paths()
    instances.install(same_source=SAME, reconciles=["notes"])
    instances.emits("api", record("z"))
    instances.run(connection)
    instances.emits("archive", record("a"))
    wanted = ImportWanted("x", None, json.dumps({"coverage": FULL}).encode())
    receiving = instances.house.host.imports.begin(connection, wanted)
    receiving.write(b"bytes")
    instances.stage.post("/_stage/rules", {"remove": "declared"})
    instances.house.ended(receiving.finish().run_id)
    assert instances.keys(connection) == ["a", "z"]


class Talk:
    """An upload told to the server byte by byte."""

    def __init__(self, url: str, connection: str, *head: str) -> None:
        lines = [
            f"POST /_ref/connections/{connection}/imports HTTP/1.1",
            "Host: x",
            f"Authorization: Bearer {OWNER}",
            *head,
        ]
        self.socket = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=20)
        self.say("\r\n".join(lines).encode() + b"\r\n\r\n")

    def say(self, content: bytes) -> None:
        self.socket.sendall(content)

    def heard(self) -> bytes:
        """All that comes until the server hangs up."""
        return b"".join(iter(lambda: self.socket.recv(4096), b""))


def test_uploads_as_clients_send_them(instances: Owner, served: Any) -> None:
    """Chunked, or after a leave to go on, which one that announces too much is never given."""
    instances.emits("archive", record("a"))
    connection = instances.connect("archive", "owner_artifact")
    chunked = Talk(served[1], connection, "Connection: close", "Transfer-Encoding: chunked")
    chunked.say(b"3\r\nabc\r\n")
    chunked.say(b"0\r\n\r\n")
    answer = chunked.heard()
    assert b" 202 " in answer
    instances.house.ended(json.loads(answer.split(b"\r\n\r\n", 1)[1])["run_id"])
    asking = Talk(served[1], connection, "Connection: close", "Expect: 100-continue", "Content-Length: 3")
    assert b" 100 " in asking.socket.recv(100)
    asking.say(b"xyz")
    answer = asking.heard()
    assert b" 202 " in answer
    instances.house.ended(json.loads(answer.split(b"\r\n\r\n", 1)[1])["run_id"])
    much = f"Content-Length: {2**40}"
    vast = Talk(served[1], connection, "Connection: close", "Expect: 100-continue", much)
    assert b" 413 " in vast.heard().split(b"\r\n")[0]
    for talk in (chunked, asking, vast):
        talk.socket.close()


def test_a_caller_who_falls_silent(instances: Owner, served: Any) -> None:
    """After a while an upload that does not go on gives the connection back."""
    services = instances.house.host.services
    object.__setattr__(services, "silence_limit_s", 0.2)
    instances.emits("archive", record("a"))
    connection = instances.connect("archive", "owner_artifact")
    silent = Talk(served[1], connection, "Content-Length: 100")
    silent.say(b"abc")
    answer = silent.heard()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"upload_stalled" in answer
    silent.socket.close()
    object.__setattr__(services, "silence_limit_s", 600.0)
    assert instances.imports(connection, b"other").status == 202
