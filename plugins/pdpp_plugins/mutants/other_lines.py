"""Connectors whose lines look otherwise and are right: the Collection Profile."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from pdpp_plugins.mutants.connectors import legal
from pdpp_plugins.mutants.folders import STREAM, Message, counted, scope
from pdpp_plugins.mutants.lines import Lines, Said

UNASKED = ("PR-03.1/T3", "PR-03/odd-names/T1", "CP-05/T1", "CP-14/T1")


@legal("CP-02", "CP-03", "CP-10", "CP-11")
def writes_lines_its_own_way(lines: Lines) -> Iterator[Said]:
    """Lines end by CR and LF, blank ones stand between them, text is escaped, and the last has no end."""
    for message in lines:
        yield json.dumps(message, indent=None, ensure_ascii=True) + "\r\n\n" * (message["type"] != "DONE")


@legal("CP-03", "CP-06", "CP-11")
def says_what_it_need_not(lines: Lines) -> Iterator[Said]:
    """Upserts say that they are, messages have fields of their own, and known extensions are said."""
    yield {"type": "ASSISTANCE", "request_id": "a1", "message": "look here"}
    for message in lines:
        if message["type"] == "RECORD":
            message["op"] = "upsert"
        yield {**message, "trace": {"of": "mine"}}


@legal("CP-08", "CP-10")
def asks_one_thing_after_the_other(lines: Lines) -> Iterator[Said]:
    """It asks twice, the second time once the first has been answered."""
    question = {"type": "INTERACTION", "kind": "otp", "message": "the code, please"}
    for name in ("first", "second") if lines.start else ():
        yield {**question, "request_id": name}
        sys.stdin.buffer.readline()
    yield from lines


@legal("CP-09")
def accounts_for_its_details(lines: Lines) -> Iterator[Said]:
    """Of two details one was fetched and the other is told as a gap."""
    keys = {"required_keys": ["a", "b"], "hydrated_keys": ["a"], "gap_keys": ["b"]}
    for message in lines:
        if message["type"] == "STATE" and message["stream"] == STREAM:
            yield {"type": "DETAIL_GAP", "stream": STREAM, "record_key": "b", "retryable": True}
            coverage = {"reference_only": True, "stream": STREAM, "state_stream": STREAM, **keys}
            yield {"type": "DETAIL_COVERAGE", **coverage}
        yield message


@legal("CP-10", "CP-12", unseen=("CP-10/T1", "CP-12/T1"))
def fails_each_time(lines: Lines) -> Iterator[Said]:
    """Each run fails, says so and exits with a status of its own; nothing was seen to end well."""
    for message in lines:
        if message["type"] == "DONE":
            message |= {"status": "failed", "error": {"message": "the quota is used up", "retryable": True}}
        yield message
    lines.status = 70


@legal("PR-03.1", "PR-03/odd-names", "CP-05", "CP-14", unseen=UNASKED)
def declines_what_narrows(lines: Lines) -> Iterator[Said]:
    """A scope that it cannot honour is told, and nothing is emitted for it."""
    asked = scope(lines)
    declined = "resources" in asked or "fields" in asked

    def said() -> Iterator[Message]:
        for message in lines:
            if message["type"] != "RECORD" or not declined:
                yield message

    told: dict[str, Any] = {"type": "SKIP_RESULT", "stream": STREAM, "reason": "scope_not_supported"}
    yield from [told] if declined else []
    yield from counted(said())
