"""A connector's program, run over a source on disk as a host would run it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import pdpp_plugins

CANARY = "canary-5f1c"
"""Stands in every body that the tests write, and may stand in a RECORD only."""


def environment() -> dict[str, str]:
    """The child's environment; it names the source root where nothing is installed."""
    try:
        metadata.distribution("pdpp-tck")
    except metadata.PackageNotFoundError:
        return {**os.environ, "PYTHONPATH": str(Path(pdpp_plugins.__path__[0]).parent)}
    return dict(os.environ)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run said."""

    exit: int
    lines: list[dict[str, Any]]
    sizes: list[int]

    def said(self, kind: str, stream: str | None = None) -> list[dict[str, Any]]:
        """The messages of a kind, of one stream if asked."""
        return [m for m in self.lines if m["type"] == kind and stream in (None, m.get("stream"))]

    def keys(self, stream: str = "messages") -> list[str]:
        """The keys of a stream's records, in order, as `channel/id`."""
        return ["/".join(m["key"]) for m in self.said("RECORD", stream)]

    def skips(self, stream: str = "messages") -> dict[str, dict[str, Any]]:
        """A stream's SKIP_RESULTs by reason, each of which may come once."""
        lines = self.said("SKIP_RESULT", stream)
        by_reason = {m["reason"]: m for m in lines}
        assert len(by_reason) == len(lines)
        return by_reason

    def missing(self, stream: str = "messages") -> list[str]:
        """The partitions of a stream that are reported missing."""
        skip = self.skips(stream).get("source_partition_missing")
        return skip["diagnostics"]["missing_partitions"] if skip else []

    @property
    def state(self) -> dict[str, Any]:
        """The cursor of each stream that staged one."""
        return {m["stream"]: m["cursor"] for m in self.said("STATE")}

    @property
    def done(self) -> dict[str, Any]:
        """The last line."""
        return self.lines[-1]


class Source:
    """A directory that tests write, and runs of one connector over it."""

    command: ClassVar[tuple[str, ...]]
    streams: ClassVar[tuple[str, ...]]

    def __init__(self, root: Path) -> None:
        self.root = root

    def start(self, state: Any = None, **scopes: dict[str, Any]) -> dict[str, Any]:
        """START for these streams, or for all."""
        scopes = scopes or {name: {} for name in self.streams}
        return {
            "type": "START",
            "run_id": "run_1",
            "collection_mode": "incremental" if state else "full_refresh",
            "scope": {"streams": [{"name": name, **scope} for name, scope in scopes.items()]},
            "state": state,
            "bindings": {"filesystem": {"root": str(self.root)}},
            "detail_gaps": [],
        }

    def run(self, state: Any = None, **scopes: dict[str, Any]) -> Run:
        """One run to its end."""
        return self.speak(json.dumps(self.start(state, **scopes)).encode() + b"\n")

    def speak(self, stdin: bytes) -> Run:
        """One run over these bytes of stdin; what holds of every run is checked here."""
        child = subprocess.run(self.command, input=stdin, capture_output=True, env=environment(), timeout=120)
        return judge(child.returncode, child.stdout, child.stderr)


def judge(code: int, stdout: bytes, stderr: bytes) -> Run:
    """A run that passed what every run owes: order, count, exit status, bounds, no body outside records."""
    raw = stdout.splitlines()
    run = Run(code, [json.loads(line) for line in raw], [len(line) for line in raw])
    assert stderr == b""
    assert [m["type"] for m in run.lines].index("DONE") == len(run.lines) - 1
    assert run.done["records_emitted"] == len(run.said("RECORD"))
    assert (code == 0) == (run.done["status"] == "succeeded")
    for line, size, said in zip(raw, run.sizes, run.lines, strict=True):
        assert said["type"] == "RECORD" or CANARY.encode() not in line
        assert said["type"] in ("RECORD", "STATE") or size <= 64 * 1024
    for stream in {m["stream"] for m in run.lines if "stream" in m}:
        states = [n for n, m in enumerate(run.lines) if m["type"] == "STATE" and m["stream"] == stream]
        records = [n for n, m in enumerate(run.lines) if m["type"] == "RECORD" and m["stream"] == stream]
        assert len(states) <= 1
        assert not states or not records or records[-1] < states[0]
    return run
