"""Connections of several paths, set up as an owner sets them up."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from ..houses import House, done, manifest, record, stream
from .callers import Answer, Caller

SAME = [{"account": "acct:ana"}, {"local": "archive of ana"}]


def refreshable(**more: Any) -> dict[str, Any]:
    """A stream whose manifest lets a full refresh speak for it."""
    return stream() | {"coverage_authority": "full_refresh"} | more


@dataclass
class Owner:
    """An owner of one host: registers connectors that play lines, configures, imports, runs."""

    caller: Caller
    stage: Caller
    house: House

    def plays(self, key: str, *lines: Any, declared: dict[str, Any] | None = None, **more: Any) -> None:
        """From now on the connector of this key says these lines."""
        whole = manifest(declared or refreshable(), key=key)
        command = self.house.plays(*lines, **more)
        assert (
            self.caller.post("/_ref/connectors", {"manifest": whole, "command": list(command)}).status == 201
        )

    def emits(self, key: str, *records: dict[str, Any], before_done: tuple[Any, ...] = ()) -> None:
        """From now on the connector of this key emits these records and succeeds."""
        state = {"type": "STATE", "stream": "notes", "cursor": {"by": key}}
        self.plays(key, *records, *before_done, state, done(len(records)))

    def connect(self, key: str, method: str, **more: Any) -> str:
        """A connection of its own."""
        return str(self.configure("/_ref/connections", key, method, **more).body["connection_id"])

    def join(self, connection: str, key: str, method: str, **more: Any) -> Answer:
        """Ask for a path in a connection."""
        return self.configure(f"/_ref/connections/{connection}/paths", key, method, **more)

    def configure(self, where: str, key: str, method: str, **more: Any) -> Answer:
        """Configure a path somewhere."""
        return self.caller.post(where, {"connector_key": key, "binding": {}, "method": method} | more)

    def install(self, **rule: Any) -> Answer:
        """Have a declared rule in force."""
        return self.stage.post("/_stage/rules", {"install": {"name": "declared"} | rule})

    def imports(self, connection: str, content: bytes = b"bytes", **query: Any) -> Answer:
        """Import an artifact and wait for its run."""
        asked = self.caller.call("POST", f"/_ref/connections/{connection}/imports", content, query)
        if asked.status in (200, 202):
            self.house.ended(asked.body["run_id"])
        return asked

    def run(self, connection: str, path: int | None = None, **request: Any) -> dict[str, Any]:
        """Run a path and wait for its end."""
        query = {} if path is None else {"path": path}
        started = self.caller.call("POST", f"/_ref/connections/{connection}/run", request or None, query)
        assert started.status == 202, started.body
        self.house.ended(started.body["run_id"])
        run: dict[str, Any] = self.caller.get(f"/_ref/runs/{started.body['run_id']}").body
        return run

    def batches(self, connection: str) -> list[dict[str, Any]]:
        """All batches of a connection."""
        rows: list[dict[str, Any]] = []
        cursor: dict[str, Any] = {}
        while True:
            page = self.caller.get(f"/_ref/connections/{connection}/batches", limit=3, **cursor).body
            rows += page["data"]
            if not page["has_more"]:
                return rows
            cursor = {"cursor": page["next_cursor"]}

    def keys(self, connection: str) -> list[str]:
        """The keys of the records that show."""
        rows = self.caller.get("/v1/streams/notes/records", connection_id=connection, limit=1000).body["data"]
        return sorted(row["key"] for row in rows)

    def two_paths(self) -> str:
        """A connection with an archive (path 0) and an interface (path 1), under a proof."""
        self.install(same_source=SAME)
        self.emits("archive")
        self.emits("api")
        connection = self.connect("archive", "owner_artifact", binding=SAME[1])
        joined = self.join(connection, "api", "provider_api", binding=SAME[0], source={"root": "/"})
        assert joined.status == 201, joined.body
        return connection


def zipped(**files: bytes) -> bytes:
    """An archive of these files, without the time: its bytes name tests, alike in every worker."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


__all__ = ["SAME", "Owner", "record", "refreshable", "zipped"]
