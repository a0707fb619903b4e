"""What a mutant of `folder` knows besides what the real one says, and how it keeps DONE's count right."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pdpp_plugins.mutants.lines import Lines

Message = dict[str, Any]
STREAM = "messages"
MISSING = "source_partition_missing"


def present(lines: Lines) -> list[str]:
    """The partitions that the source has now; none where it cannot be listed."""
    try:
        return sorted(os.listdir(lines.start["bindings"]["filesystem"]["root"]))
    except OSError:
        return []


def observed(lines: Lines, stream: str = STREAM) -> dict[str, Any]:
    """What START's cursor of a stream says of each partition; to be changed in place."""
    partitions: dict[str, Any] = (lines.state.get(stream) or {}).get("partitions") or {}
    return partitions


def gone(lines: Lines, stream: str = STREAM) -> list[str]:
    """The partitions that are in the cursor and not in the source."""
    here = present(lines)
    return [name for name in observed(lines, stream) if name not in here]


def scope(lines: Lines, stream: str = STREAM) -> dict[str, Any]:
    """What START says of a stream's scope, {} where it does not start it; to be changed in place."""
    found: list[dict[str, Any]] = [s for s in lines.start["scope"]["streams"] if s["name"] == stream]
    return found[0] if found else {}


def newest(lines: Lines, stream: str = STREAM) -> dict[str, str]:
    """The newest time of each partition in START's cursor, of those that had a record."""
    return {name: high["newest"] for name, high in observed(lines, stream).items() if high["newest"]}


def partition_of(record: Message) -> str:
    """The partition in which a record lies."""
    return str(record["key"][0])


def missing_line(partitions: list[str], stream: str = STREAM) -> Message:
    """The line by which `folder` says that partitions are missing."""
    told = {"missing_partitions": partitions, "missing_count": len(partitions), "truncated": False}
    message = f"{stream}: partitions that were observed before are not in the source"
    return {
        "type": "SKIP_RESULT",
        "stream": stream,
        "reason": MISSING,
        "message": message,
        "diagnostics": told,
    }


def counted(messages: Iterable[Message]) -> Iterator[Message]:
    """The same messages, DONE with the number of records among them."""
    records = 0
    for message in messages:
        records += message["type"] == "RECORD"
        yield message if message["type"] != "DONE" else {**message, "records_emitted": records}


def without(lines: Lines, left_out: Callable[[Message], bool]) -> Iterator[Message]:
    """What the real one says but for some of its records."""
    return counted(m for m in lines if m["type"] != "RECORD" or not left_out(m))
