"""The wire from a connector's side: START in, messages out, DONE and an exit status in every case.

Nothing here imports `typing`, `dataclasses` or `datetime`: a run is short, and they would double its start.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from pdpp_plugins.connectors.instants import now
from pdpp_plugins.connectors.refusals import Cancelled, OutputClosed, Refused, broken, misunderstood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, BinaryIO

    Collect = Callable[[dict[str, Any], "Wire"], None]

_BATCH_BYTES = 64 * 1024

compact = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class Wire:
    """Writes messages in batches and counts the RECORDs among them."""

    def __init__(self, out: BinaryIO) -> None:
        self.records = 0
        self._out = out
        self._pending: list[bytes] = []
        self._size = 0
        self._emitted_at = ""
        self._waiting = True
        self._cancelled = False

    def read_start(self, source: BinaryIO) -> dict[str, Any]:
        """START, the first line that is not blank; raises Refused when it is not there or not JSON."""
        line = b"\n"
        while line and not line.strip():
            line = source.readline()
        self._waiting = False
        try:
            start = json.loads(line.decode())
        except (ValueError, RecursionError):
            raise misunderstood("the first line is not a JSON object") from None
        if not isinstance(start, dict) or start.get("type") != "START":
            raise misunderstood("the first message is not START")
        return start

    def record(self, stream: str, key: str | list[str], data: dict[str, Any]) -> None:
        """Emit an upsert."""
        self.check()
        self.records += 1
        self._emitted_at = self._emitted_at or now()
        message = {"type": "RECORD", "stream": stream, "key": key, "data": data}
        self._put({**message, "emitted_at": self._emitted_at})

    def state(self, stream: str, cursor: dict[str, Any]) -> None:
        """Emit a stream's next cursor."""
        self.check()
        self._put({"type": "STATE", "stream": stream, "cursor": cursor})
        self._flush()

    def skip(self, stream: str, reason: str, message: str, diagnostics: dict[str, Any], hint: str) -> None:
        """Say that something of a stream was not collected, and what would help."""
        line = {"type": "SKIP_RESULT", "stream": stream, "reason": reason, "message": message}
        self._put({**line, "diagnostics": diagnostics, "recovery_hint": hint})

    def progress(self, stream: str, message: str, count: int) -> None:
        """Say how many records of a stream were emitted."""
        self._put({"type": "PROGRESS", "stream": stream, "message": message, "count": count})

    def done(self, status: str, error: dict[str, Any] | None = None) -> None:
        """The last line."""
        line = {"type": "DONE", "status": status, "records_emitted": self.records}
        self._put({**line, "error": error} if error else line)
        self._flush()

    def check(self) -> None:
        """Raise Cancelled once somebody asked the run to stop."""
        if self._cancelled:
            raise Cancelled

    def cancel(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Stop at the next line; at once only while START is awaited, lest a line be cut in two."""
        self._cancelled = True
        if self._waiting:
            raise Cancelled

    def _put(self, message: dict[str, Any]) -> None:
        text = compact(message)
        try:
            line = text.encode()
        except UnicodeEncodeError:
            line = json.dumps(message, separators=(",", ":")).encode()
        self._pending.append(line)
        self._size += len(line)
        if self._size > _BATCH_BYTES:
            self._flush()

    def _flush(self) -> None:
        lines = memoryview(b"\n".join([*self._pending, b""]))
        self._pending, self._size, self._emitted_at = [], 0, ""
        try:
            while lines:  # an unbuffered stdout (PYTHONUNBUFFERED) takes what fits when a signal comes
                lines = lines[self._out.write(lines) :]
            self._out.flush()
        except OSError:
            raise OutputClosed from None


def serve(collect: Collect) -> int:
    """Run a connector from START to DONE; returns its exit status."""
    wire = Wire(sys.stdout.buffer)
    try:
        status, error = _outcome(collect, wire)
        wire.done(status, error)
    except OutputClosed:
        # What is still buffered must not fail once more when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0 if status == "succeeded" else 1


def _outcome(collect: Collect, wire: Wire) -> tuple[str, dict[str, Any] | None]:
    try:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, wire.cancel)
        collect(wire.read_start(sys.stdin.buffer), wire)
    except Cancelled:
        return "cancelled", None
    except Refused as refused:
        return "failed", refused.error
    except OutputClosed:
        raise
    except Exception as fault:
        return "failed", broken(fault).error
    return "succeeded", None
