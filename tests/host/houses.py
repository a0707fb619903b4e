"""A host with nothing in it but what a test puts there, and connectors that are small programs."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pluggy

from pdpp_host.arguments import RecordQuery
from pdpp_host.compose import Host, compose, open_storage
from pdpp_host.domain import entities
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.plugins import load_plugins

AT = datetime(2026, 5, 1, 10, 0, 0, tzinfo=UTC)
PATIENCE_S = 30.0

PRELUDE = """
import json, os, signal, subprocess, sys, threading, time
def say(**message):
    sys.stdout.write(json.dumps(message) + "\\n")
    sys.stdout.flush()
def record(key, stream="notes", **data):
    say(type="RECORD", stream=stream, key=key, data={"id": key, **data}, emitted_at="2026-05-01T10:00:00Z")
def done(records, status="succeeded", **more):
    say(type="DONE", status=status, records_emitted=records, **more)
def hear():
    return json.loads(sys.stdin.readline())
"""


def stream(name: str = "notes", **more: Any) -> dict[str, Any]:
    """A stream's manifest: `id` is its key and all that its schema requires."""
    properties = {"id": {}, "room": {}, "at": {}, "text": {"type": "string"}, "n": {"type": "integer"}}
    return {
        "name": name,
        "semantics": "mutable_state",
        "schema": {"type": "object", "properties": properties, "required": ["id"]},
        "primary_key": ["id"],
        "consent_time_field": "at",
        "selection": {"resources": True, "resource_field": "room", "fields": True},
    } | more


def manifest(*streams: dict[str, Any], key: str = "notes") -> dict[str, Any]:
    """A manifest of these streams, or of one that is called `notes`."""
    declared = list(streams) or [stream()]
    return {"connector_key": key, "version": "1", "display_name": "Notes", "streams": declared}


def record(key: str, /, **data: Any) -> dict[str, Any]:
    """A RECORD line of the stream `notes`."""
    return {
        "type": "RECORD",
        "stream": "notes",
        "key": key,
        "data": {"id": key} | data,
        "emitted_at": "2026-05-01T10:00:00Z",
    }


def done(records: int, status: str = "succeeded") -> dict[str, Any]:
    """A DONE line."""
    return {"type": "DONE", "status": status, "records_emitted": records}


@dataclass
class House:
    """One host in a folder of its own."""

    home: Path
    host: Host
    _names: Iterator[int] = field(default_factory=count)

    def program(self, text: str) -> tuple[str, ...]:
        """The command of a small program."""
        file = self.home / f"program{next(self._names)}.py"
        file.write_text(PRELUDE + text)
        return (sys.executable, "-S", "-E", str(file))

    def plays(self, *lines: dict[str, Any] | bytes, exit_status: int = 0) -> tuple[str, ...]:
        """The command of a program that reads START, says these lines and exits."""
        script = self.home / f"lines{next(self._names)}"
        texts = [line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines]
        script.write_bytes(b"".join(texts))
        says = f"hear(); sys.stdout.buffer.write(open({str(script)!r}, 'rb').read())"
        return self.program(f"{says}; sys.stdout.flush(); sys.exit({exit_status})")

    def connect(
        self,
        command: Sequence[str],
        raw: dict[str, Any] | None = None,
        since: str | None = None,
        method: Any = "device_sync",
    ) -> str:
        """A connection of a connector that is started by `command`; its id."""
        declared = parse_manifest(raw or manifest())
        connection_id = f"conn{next(self._names)}"
        with self.host.services.storage.write() as unit:
            unit.put_connector(entities.Connector(declared, tuple(command)))
            unit.add_connection(entities.Connection(connection_id, declared.connector_key, "Mine", AT))
            source = entities.Source(root=str(self.home))
            unit.add_path(
                entities.Path(connection_id, 0, declared.connector_key, method, {}, source, AT, since)
            )
            unit.commit()
        return connection_id

    def start(self, connection_id: str, **request: Any) -> str:
        """Start a run; its id."""
        return self.host.controller.start(connection_id, json.dumps(request).encode()).run_id

    def run(self, connection_id: str, **request: Any) -> entities.Run:
        """Start a run and wait for its end."""
        return self.ended(self.start(connection_id, **request))

    def plays_out(self, *lines: dict[str, Any] | bytes, exit_status: int = 0, **request: Any) -> entities.Run:
        """The run of a connector that says these lines."""
        return self.run(self.connect(self.plays(*lines, exit_status=exit_status)), **request)

    def ended(self, run_id: str) -> entities.Run:
        """A run once its thread has ended."""
        for thread in threading.enumerate():
            if thread.name == run_id:
                thread.join(PATIENCE_S)
                assert not thread.is_alive(), f"the run goes on: {run_id}"
        return self.shown(run_id)

    def shown(self, run_id: str) -> entities.Run:
        """A run as it stands."""
        with self.host.services.storage.read() as view:
            run = view.run(run_id)
        assert run is not None
        return run

    def events(self, run_id: str) -> list[str]:
        """The types of a run's events, in order."""
        with self.host.services.storage.read() as view:
            return [event.event_type for event in view.timeline(run_id)]

    def stored(self, connection_id: str, name: str = "notes") -> dict[str, Any]:
        """The data of the live records of a connection, by key."""
        with self.host.services.storage.read() as view:
            found = view.records(RecordQuery(name, (connection_id,), limit=100_000))
        return {record.key: record.data for record in found}

    def cursors(self, connection_id: str) -> dict[str, Any]:
        """The committed cursors of a connection's first path."""
        with self.host.services.storage.read() as view:
            return view.stream_state(connection_id, 0)

    def leases(self) -> list[str]:
        """The runs that hold a lease."""
        with self.host.services.storage.read() as view:
            return [lease.run_id for lease in view.leases()]


@cache
def installed() -> pluggy.PluginManager:
    """Every installed plugin, found once."""
    return load_plugins()


@contextmanager
def a_house(
    home: Path, plugin: object | None = None, file: str = "host.db", url: str | None = None
) -> Iterator[House]:
    """A host on a SQLite file of its own or on `url`, with every installed plugin and `plugin`."""
    manager = installed() if plugin is None else load_plugins()
    if plugin is not None:
        manager.register(plugin)
    host = compose(manager, open_storage(manager, url or f"sqlite:///{home / file}"), staged=True)
    try:
        yield House(home, host)
    finally:
        host.close()
