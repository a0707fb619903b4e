"""The host that is driven, and what is asked of it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from itertools import count
from pathlib import Path as Folder
from typing import Any

import httpx
import pluggy

from pdpp_host.compose import Host, compose, open_storage
from pdpp_host.ports import Databases
from pdpp_host.web.access import Tokens
from pdpp_host.web.app import application

from ..callers import OWNER, STAGE
from .model import METHODS, SINCE, Path

PATIENCE_S = 20.0


class Driven:
    """A host on a database of its own, asked over its public face; it may be stopped and started again."""

    def __init__(self, served: tuple[Any, str], databases: Databases, manager: pluggy.PluginManager) -> None:
        self.home = Folder(tempfile.mkdtemp(prefix="pdpp-acquisitions-"))
        self.served, self.databases, self.manager = served, databases, manager
        self.url = databases.fresh()
        self.numbers = count()
        headers = {"Authorization": f"Bearer {OWNER}"}
        self.client = httpx.Client(base_url=served[1], headers=headers, verify=False, trust_env=False)
        self.open()

    def open(self) -> None:
        self.host: Host = compose(self.manager, open_storage(self.manager, self.url))
        self.served[0].current = application(self.host, Tokens(OWNER, STAGE))

    def restart(self) -> None:
        """Stop the host and start it on the same database."""
        self.host.close()
        self.open()

    def close(self) -> None:
        """Stop the host for good; nothing of it stays."""
        self.client.close()
        self.host.close()
        self.databases.drop(self.url)
        shutil.rmtree(self.home)

    def path(self, kind: str, person: str) -> tuple[Path, dict[str, Any]]:
        root = None
        if kind != "archive":
            root = str(self.home / f"root{next(self.numbers)}")
            os.mkdir(root)
        body: dict[str, Any] = {"connector_key": kind, "method": METHODS[kind]}
        body |= {"binding": {"account": f"{kind} of {person}"}, "source": {"root": root} if root else {}}
        body |= {"since": SINCE} if kind == "daily" else {}
        return Path(kind, person, root), body

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        response = self.client.request(method, path, json=body or None)
        return response.status_code, response.json()

    def bring(self, name: str, request: dict[str, Any], played: bytes) -> tuple[int, Any]:
        query = {"name": "to-play"}
        if request:
            query["coverage"] = json.dumps(request["coverage"])
        response = self.client.post(f"/_ref/connections/{name}/imports", params=query, content=played)
        return response.status_code, response.json()

    def pages(self, path: str, **query: Any) -> list[Any]:
        rows: list[Any] = []
        while True:
            page = self.client.get(path, params={"limit": 3} | query).json()
            rows += page["data"]
            if not page["has_more"]:
                return rows
            query["cursor"] = page["next_cursor"]

    def batch_of(self, run_id: str) -> str:
        with self.host.services.storage.read() as view:
            run = view.run(run_id)
        assert run is not None
        return run.batch_id

    def until_staged(self, run_id: str) -> None:
        waiting = threading.Event()
        for _ in range(int(PATIENCE_S * 1000)):
            with self.host.services.storage.read() as view:
                if any(event.event_type == "state_staged" for event in view.timeline(run_id)):
                    return
            waiting.wait(0.001)
        raise AssertionError("the run staged nothing")

    def ended(self, run_id: str) -> None:
        for thread in threading.enumerate():
            if thread.name == run_id:
                thread.join(PATIENCE_S)
                assert not thread.is_alive()
