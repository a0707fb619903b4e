"""Connectors that bear badly with cursors, unknown streams and faults, or claim wrongly: CP-16 to CP-19."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.folders import STREAM
from pdpp_plugins.mutants.lines import Lines, Said

NOW = "2024-01-01T00:00:00Z"
FAILED = {"type": "DONE", "status": "failed", "records_emitted": 0}


@breaks("CP-16/T1", "cursor of version 1, expected 2")
def rejects_its_own_cursor(lines: Lines) -> Iterator[Said]:
    """The version in a cursor is compared with one that the last release has moved on."""
    if lines.start.get("state"):
        error = {"code": "invalid_state", "message": "cursor of version 1, expected 2", "retryable": False}
        yield {**FAILED, "error": error}
        raise SystemExit(1)
    yield from lines


@breaks("CP-17/T1", "expected no record of a stream that it does not have")
def makes_shells(lines: Lines) -> Iterator[Said]:
    """What is asked for by name and not found comes out as a record with nothing but its name."""
    shells = [
        {"type": "RECORD", "stream": scope["name"], "key": name, "data": {"id": name}, "emitted_at": NOW}
        for scope in lines.start["scope"]["streams"]
        if scope["name"] != STREAM
        for name in scope.get("resources") or ()
    ]
    for message in lines:
        if message["type"] == "DONE":
            yield from shells
            message["records_emitted"] += len(shells)
        yield message


@breaks("CP-18/T1", "when its cursor is cut short")
def says_nothing_of_a_torn_cursor(lines: Lines) -> Iterator[Said]:
    """A cursor that cannot be read ends the program, before any DONE."""
    for cursor in lines.state.values():
        if not isinstance(cursor, dict) or "partitions" not in cursor:
            sys.exit(1)
    yield from lines


@breaks("CP-19/T1", "the claim interaction")
def asks_unannounced(lines: Lines) -> Iterator[Said]:
    """A release learnt to ask for a code, and its manifest was left as it was."""
    for message in lines:
        if message["type"] == "DONE":
            yield {"type": "INTERACTION", "request_id": "code", "kind": "otp", "message": "please"}
        yield message
