"""Connectors that are right to say in another way what is missing: PR-01."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import legal
from pdpp_plugins.mutants.folders import MISSING, STREAM, gone, observed, scope
from pdpp_plugins.mutants.lines import Lines, Said

SEEN = (
    "PR-01.1",
    "PR-01.2",
    "PR-01/still-missing",
    "PR-01/empty-partition",
    "PR-01/narrowed-run",
    "PR-01/unreadable-inventory",
)


@legal(*SEEN)
def tells_by_detail_gaps(lines: Lines) -> Iterator[Said]:
    """Each missing partition is a DETAIL_GAP with the partition's key."""
    for message in lines:
        if message.get("reason") == MISSING:
            for name in message["diagnostics"]["missing_partitions"]:
                gap = {"type": "DETAIL_GAP", "stream": message["stream"], "record_key": name}
                yield {**gap, "reason": "gone", "retryable": False}
        else:
            yield message


@legal("PR-01.1", "PR-01.2")
def tells_line_by_line(lines: Lines) -> Iterator[Said]:
    """Each missing partition is a line of its own, with a reason and fields of its own."""
    for message in lines:
        if message.get("reason") == MISSING:
            for name in message["diagnostics"]["missing_partitions"]:
                told = {"folder": {"name": name, "last_seen": "an earlier run"}}
                yield {**message, "reason": "folder_not_found", "diagnostics": told}
        else:
            yield message


@legal("PR-01.1", "PR-01/still-missing", "PR-02/return-and-resume")
def fails_for_what_is_missing(lines: Lines) -> Iterator[Said]:
    """A run over a source that has lost a partition fails, and its error names stream and partitions."""
    missing = [] if "resources" in scope(lines) else gone(lines)
    for message in lines:
        if message["type"] == "DONE" and missing:
            lost = {"stream": STREAM, "partitions": missing}
            message["status"] = "failed"
            message["error"] = {"message": "folders are gone", "retryable": False, "lost": lost}
        if message.get("reason") != MISSING:
            yield message
    lines.status = 1 if missing else lines.status


@legal("PR-01.1", "PR-01.2")
def names_what_it_read_too(lines: Lines) -> Iterator[Said]:
    """The line about what is missing lists, in another field, what was read."""
    for message in lines:
        if message.get("reason") == MISSING:
            missing = message["diagnostics"]["missing_partitions"]
            read = [name for name in observed(lines, message["stream"]) if name not in missing]
            message["diagnostics"]["read_partitions"] = read
        yield message


@legal("PR-01/many-missing")
def names_all_in_many_lines(lines: Lines) -> Iterator[Said]:
    """All that is missing is named, a hundred in a line."""
    for message in lines:
        if message.get("reason") == MISSING:
            missing = gone(lines, message["stream"])
            for first in range(0, len(missing), 100):
                yield {**message, "diagnostics": {"folders": missing[first : first + 100]}}
        else:
            yield message


@legal("PR-01/unreadable-inventory")
def skips_what_it_cannot_list(lines: Lines) -> Iterator[Said]:
    """A source that cannot be listed is a gap of the stream, and the run succeeds."""
    for message in lines:
        if message["type"] == "DONE" and message["status"] == "failed":
            yield {"type": "SKIP_RESULT", "stream": STREAM, "reason": "source_unreadable"}
            yield {"type": "DONE", "status": "succeeded", "records_emitted": 0}
        else:
            yield message
    lines.status = 0
