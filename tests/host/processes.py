"""Hosts as processes of their own, on a database that several may share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

OWNER, STAGE = "the owner's token", "the stage's token"
_HOST = str(Path(sys.executable).parent / "pdpp-host")


@dataclass
class Served:
    """A host that is another process."""

    process: subprocess.Popen[str]
    url: str

    def client(self) -> httpx.Client:
        """A client of one's own, without what no test needs."""
        return httpx.Client(base_url=self.url, verify=False, trust_env=False, timeout=60.0)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The body of an answer that is no refusal."""
        with self.client() as client:
            return asked(client, method, path, body)

    def listed(self) -> dict[str, dict[str, Any]]:
        """The rows of the full list, by connection."""
        return {row["connection_id"]: row for row in self.ask("GET", "/_ref/connectors")["data"]}

    def kill(self) -> None:
        """As a crash: at once, and nothing is tidied up."""
        self.process.kill()
        self.process.wait()


def asked(
    client: httpx.Client, method: str, path: str, body: Any = None, request_id: str | None = None
) -> Any:
    """The body of an answer that is no refusal."""
    token = STAGE if path.startswith("/_stage") else OWNER
    headers = {"Authorization": f"Bearer {token}"} | ({"X-Request-Id": request_id} if request_id else {})
    response = client.request(method, path, json=body, headers=headers)
    assert response.status_code < 300, response.text
    return response.json()


@contextmanager
def served(storage: str, *options: str, **variables: str) -> Iterator[Served]:
    """A host with a stage on this storage, for as long as the block lasts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PDPP_")}
    tokens = {"PDPP_OWNER_TOKEN": OWNER, "PDPP_STAGE_TOKEN": STAGE, "PYTHONUNBUFFERED": "1"}
    command = [_HOST, "serve", "--stage", "--port", "0", "--storage", storage, *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=kept | tokens | variables
    ) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            assert said.startswith("listening on "), said
            yield Served(process, said.removeprefix("listening on ").strip())
        finally:
            process.terminate()


def connected(host: Served, many: int = 1) -> list[str]:
    """Connections of one connector, made by the stage."""
    declared = {
        "connector_key": "notes",
        "version": "1",
        "display_name": "Notes",
        "streams": [
            {
                "name": "notes",
                "semantics": "mutable_state",
                "schema": {"type": "object", "properties": {"id": {}, "text": {}}, "required": ["id"]},
                "primary_key": ["id"],
            }
        ],
    }
    host.ask("POST", "/_ref/connectors", {"manifest": declared, "command": ["true"]})
    body = {"connector_key": "notes", "count": many, "stream": "notes", "records": 1}
    found: list[str] = host.ask("POST", "/_stage/connections", body)["ids"]
    return found
