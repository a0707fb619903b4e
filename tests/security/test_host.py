"""Secrets that a host is told stay where they belong: planted everywhere, and every place searched."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from canaries import Places, canary, files_below, seen, tables
from host.houses import manifest, stream

HOST = Path(sys.executable).parent / "pdpp-host"
LEAKING = Path(__file__).parent / "leaking.py"
OURS = {"PDPP_OWNER_TOKEN": canary("owner's token"), "PDPP_STAGE_TOKEN": canary("stage's token")}
BODIES = {name: canary(name) for name in ("body", "rejected", "deleted", "told")}

READS = "reads of records"
MAY_BE: dict[str, set[str]] = {
    # Only ever compared with what a caller sends.
    "owner's token": set(),
    "stage's token": set(),
    # A caller's mistake is no reason to repeat what it sent.
    "wrong token": set(),
    # The host's environment is no connector's, and the mail password stands in a file that only `imap` reads.
    "host's variable": set(),
    "mail password": set(),
    # Registered with the connector; its program has to have it, and nobody is told it again.
    "declared": {"table connectors", "connector's environment"},
    # An artifact is gone when its run is over, whether or not it could be read.
    "artifact": set(),
    # Records, and what those were that changed or went: what a host keeps, and the faces that read it.
    "body": {"table records", READS},
    "deleted": {"table record_history"},
    # A record that breaks its schema is told by its field, never by its value.
    "rejected": set(),
    # Signed and sealed, so that the host needs to keep neither.
    "grant": set(),
    "session": set(),
    # The control: a connector's own words to the owner are repeated to the owner.
    "told": {"table spine_events", "the owner's routes"},
}
"""Where each secret may be, and has to be, or the search would not see that place."""


class Owner:
    """Who plants everything at a host that is a process of its own."""

    def __init__(self, url: str, home: Path) -> None:
        self.client = httpx.Client(base_url=url, verify=False, trust_env=False, timeout=60.0)
        self.home = home
        self.answers: dict[str, list[str]] = {READS: [], "the owner's routes": [], "refusals": []}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A call with the owner's token, or the stage's where the path is the stage's."""
        token = OURS["PDPP_STAGE_TOKEN" if path.startswith("/_stage") else "PDPP_OWNER_TOKEN"]
        headers = {"Authorization": f"Bearer {token}"} | headers
        answer = self.client.request(method, path, json=body, headers=headers)
        if answer.status_code >= 400:
            self.answers["refusals"].append(str(answer.headers) + answer.text)
        return answer

    def asked(self, method: str, path: str, body: Any = None) -> Any:
        """What comes of a call that is no refusal."""
        answer = self.call(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def register(self, key: str, mode: str) -> None:
        """A connector of ours that leaks."""
        command = [sys.executable, "-S", "-E", str(LEAKING), mode, str(self.home / "children")]
        declared = {"DECLARED": canary("declared"), "MINE": "{host}"}
        whole = manifest(stream() | {"coverage_authority": "full_refresh"}, key=key)
        self.asked(
            "POST", "/_ref/connectors", {"manifest": whole, "command": command, "environment": declared}
        )

    def connect(self, key: str, method: str = "device_sync", **source: str) -> str:
        """A connection."""
        body = {"connector_key": key, "binding": {}, "method": method, "source": source}
        return str(self.asked("POST", "/_ref/connections", body)["connection_id"])

    def run(self, connection: str) -> dict[str, Any]:
        """A run, when it has ended."""
        run_id = self.asked("POST", f"/_ref/connections/{connection}/run")["run_id"]
        return self.ended(run_id)

    def ended(self, run_id: str) -> dict[str, Any]:
        """A run, when it has ended."""
        while (run := self.asked("GET", f"/_ref/runs/{run_id}"))["status"] == "active":
            time.sleep(0.005)
        self.answers["the owner's routes"] += [
            json.dumps(run),
            self.call("GET", f"/_ref/runs/{run_id}/timeline").text,
        ]
        return dict(run)

    def look(self, connection: str) -> None:
        """Every face that shows this connection."""
        root = f"/_ref/connections/{connection}"
        for path in (
            root,
            f"{root}/diagnostics",
            f"{root}/batches",
            f"{root}/state",
            f"/console/connections/{connection}",
        ):
            self.answers["the owner's routes"].append(self.call("GET", path).text)
        for path in ("/v1/streams/notes/records", "/v1/search"):
            query = f"?connection_id={connection}" + ("&q=canary" if path == "/v1/search" else "")
            self.answers[READS].append(self.call("GET", path + query).text)


@contextmanager
def serving(home: Path) -> Iterator[tuple[Owner, subprocess.Popen[bytes]]]:
    """A host whose every secret is a canary; stdout and stderr are files."""
    (home / "tmp").mkdir()
    (home / "netrc").write_text(f"machine 127.0.0.1 login ana password {canary('mail password')}\n")
    (home / "netrc").chmod(0o600)
    (home / "bodies.json").write_text(json.dumps(BODIES))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PDPP_")}
    planted = {"HOSTS_VARIABLE": canary("host's variable"), "MINE": "nothing secret"}
    more = {"PDPP_IMAP_NETRC": str(home / "netrc"), "TMPDIR": str(home / "tmp"), "PYTHONUNBUFFERED": "1"}
    command = [str(HOST), "serve", "--stage", "--port", "0", "--storage", f"sqlite:///{home / 'host.db'}"]
    with (home / "stdout").open("wb") as out, (home / "stderr").open("wb") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env=kept | planted | more | OURS)
    try:
        while b"\n" not in (home / "stdout").read_bytes():
            assert process.poll() is None, (home / "stderr").read_text()
            time.sleep(0.01)
        owner = Owner((home / "stdout").read_text().split()[2], home)
        with owner.client:
            yield owner, process
    finally:
        process.terminate()
        process.wait(30)


def everything(owner: Owner) -> dict[str, str]:
    """Have every kind of run, answer and refusal happen; the secrets that the host itself gave out."""
    statuses = {}
    for mode in ("keeps", "rejected", "asks", "tells"):
        owner.register(mode, mode)
        connection = owner.connect(mode, root="/")
        statuses[mode] = owner.run(connection)["status"]
        if mode == "keeps":
            mine = connection
        owner.look(connection)
    assert statuses == {"keeps": "completed", "rejected": "failed", "asks": "failed", "tells": "completed"}
    mail = owner.connect("imap", base_url="imap://ana@127.0.0.1:1")
    assert owner.run(mail)["status"] == "failed"
    owner.look(mail)
    archive = owner.connect("rejected", "owner_artifact")
    begun = owner.asked("POST", f"/_ref/connections/{archive}/imports?name=x", [canary("artifact")])
    assert owner.ended(begun["run_id"])["status"] == "failed"
    owner.look(archive)
    granted = {"connections": [mine], "streams": ["notes"], "expires_at": "2999-01-01T00:00:00Z"}
    grant = str(owner.asked("POST", "/_ref/grants", granted)["token"])
    bearer = {"Authorization": f"Bearer {grant}"}
    owner.answers[READS].append(owner.call("GET", "/v1/streams/notes/records", **bearer).text)
    owner.call("GET", "/_ref/connectors", **bearer)
    session = _signed_in(owner)
    _mistakes(owner, mine)
    for name in ("tells", "keeps", "asks"):
        owner.register(name, "deletes")
    for row in owner.asked("GET", "/_ref/connectors")["data"]:
        if row["connector_key"] in ("tells", "keeps", "asks"):
            owner.run(row["connection_id"])
    # The deleted ones are gone from every read; what was read before that is not searched for them.
    owner.answers[READS] = []
    owner.look(mine)
    owner.answers["the owner's routes"] += [
        owner.call("GET", path).text for path in ("/_ref/connectors", "/", "/openapi.json", "/_stage")
    ]
    _broken_storage(owner, mine)
    return {"grant": grant, "session": session}


def _signed_in(owner: Owner) -> str:
    origin = {"Origin": str(owner.client.base_url).rstrip("/")}
    answer = owner.client.post("/console/session", data={"token": OURS["PDPP_OWNER_TOKEN"]}, headers=origin)
    assert answer.status_code == 303, answer.text
    wrong = owner.client.post("/console/session", data={"token": canary("wrong token")}, headers=origin)
    assert wrong.status_code == 403
    owner.answers["refusals"] += [wrong.text]
    session = owner.client.cookies["pdpp_console"]
    owner.answers["the owner's routes"].append(owner.client.get("/").text)
    owner.client.cookies.clear()
    return session


def _mistakes(owner: Owner, connection: str) -> None:
    """What a caller does wrong, each with a secret in it."""
    wrong = {"Authorization": f"Bearer {canary('wrong token')}"}
    for path in ("/", "/_ref/connectors", "/v1/streams", "/_stage/clock", f"/_ref/connections/{connection}"):
        assert owner.call("GET", path, **wrong).status_code in (403, 405)
    for token in (OURS["PDPP_OWNER_TOKEN"], OURS["PDPP_STAGE_TOKEN"], canary("wrong token")):
        other = {"Authorization": f"Basic {token}"}
        assert owner.call("GET", "/v1/streams", **other).status_code == 401
        address = (owner.client.base_url.host, owner.client.base_url.port or 0)
        with socket.create_connection(address) as raw:
            raw.sendall(f"GET / HTTP/1.1\r\nAuthorization: Bearer {token}\x01\r\n\r\n".encode())
            owner.answers["refusals"].append(raw.recv(100_000).decode("latin-1"))


def _broken_storage(owner: Owner, connection: str) -> None:
    """A table that is not there, with records in hand: what storage says of it holds none of them."""
    owner.register("keeps", "keeps")
    with closing(sqlite3.connect(owner.home / "host.db", timeout=30)) as database:
        database.execute("ALTER TABLE records RENAME TO away")
        assert owner.run(connection)["terminal_reason"] == "storage_failed"
        assert owner.call("GET", "/v1/streams/notes/records").status_code == 503
        database.execute("ALTER TABLE away RENAME TO records")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Places]:
    """The secrets, and the content of every place after all of it has happened."""
    home = tmp_path_factory.mktemp("host")
    with serving(home) as (owner, process):
        given = everything(owner)
        command_line = Path(f"/proc/{process.pid}/cmdline")
        places = {"host's command line": command_line.read_bytes() if command_line.exists() else b""}
    secrets = {name: canary(name) for name in MAY_BE} | given
    answers = {name: "\n".join(said).encode() for name, said in owner.answers.items()}
    places |= answers | tables(home / "host.db") | files_below(home / "tmp", "temporary files")
    places |= {name: (home / name).read_bytes() for name in ("stdout", "stderr")}
    children = [json.loads(line) for line in (home / "children").read_text().splitlines()]
    assert len(children) >= 8
    places["connector's environment"] = json.dumps([environment for environment, _ in children]).encode()
    places["connector's command line"] = json.dumps([arguments for _, arguments in children]).encode()
    return secrets, places


@pytest.mark.parametrize("name", MAY_BE)
def test_a_secret_is_where_it_may_be_and_nowhere_else(
    name: str, swept: tuple[dict[str, str], Places]
) -> None:
    """Nowhere else than the table says, and there, so that the search does see these places."""
    secrets, places = swept
    assert seen(secrets, places)[name] == MAY_BE[name]


def test_the_host_had_reason_to_talk(swept: tuple[dict[str, str], Places]) -> None:
    """The log holds failures, and the child has the variable that the host gave it: neither is empty."""
    _, places = swept
    assert b"storage failed" in places["stderr"] or b"refused" in places["stderr"]
    assert b"Invalid HTTP request" in places["stderr"]
    assert b"nothing secret" in places["connector's environment"]
    assert b"[redacted]" in places["the owner's routes"]
    assert b"unauthorized" in places["refusals"]
