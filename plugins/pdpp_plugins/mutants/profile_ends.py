"""Connectors that ask, account, end or keep secrets badly: CP-08 to CP-13."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.folders import STREAM, Message, partition_of
from pdpp_plugins.mutants.lines import Lines, Said


@breaks("CP-08/T1", "INTERACTION 'second' while 'first' is not answered")
def asks_twice_at_once(lines: Lines) -> Iterator[Said]:
    """It asks for a password and a code without waiting in between."""
    for message in lines:
        if message["type"] == "STATE" and message["stream"] == STREAM:
            for name, kind in (("first", "credentials"), ("second", "otp")):
                yield {"type": "INTERACTION", "request_id": name, "kind": kind, "message": "please"}
        yield message


def _accounting(lines: Lines, coverage: dict[str, list[str]], told: tuple[str, ...] = ()) -> Iterator[Said]:
    for message in lines:
        if message["type"] == "STATE" and message["stream"] == STREAM:
            for key in told:
                gap = {"type": "DETAIL_GAP", "stream": STREAM, "record_key": key, "reason": "busy"}
                yield {**gap, "retryable": True}
            told_of = {"reference_only": True, "stream": STREAM, "state_stream": STREAM}
            yield {"type": "DETAIL_COVERAGE", **told_of, **coverage}
        yield message


@breaks("CP-09/T1", "the detail 'b' of stream 'messages' is neither fetched nor named as a gap")
def loses_a_detail(lines: Lines) -> Iterator[Said]:
    """A detail that could not be fetched is in none of the lists."""
    yield from _accounting(lines, {"required_keys": ["a", "b"], "hydrated_keys": ["a"], "gap_keys": []})


@breaks("CP-09/T1", "the detail 'a' of stream 'messages' is fetched and named as a gap as well")
def counts_a_retry_twice(lines: Lines) -> Iterator[Said]:
    """A detail that came at the second try stays in the list of those that did not."""
    keys = {"required_keys": ["a"], "hydrated_keys": ["a"], "gap_keys": ["a"]}
    yield from _accounting(lines, keys, told=("a",))


@breaks("CP-09/T1", "the detail 'b' of stream 'messages' is accounted for and was never required")
def fetches_more_than_it_lists(lines: Lines) -> Iterator[Said]:
    """What is required is the first page of what is fetched."""
    yield from _accounting(lines, {"required_keys": ["a"], "hydrated_keys": ["a", "b"], "gap_keys": []})


@breaks("CP-09/T1", "the detail 'b' of stream 'messages' is a gap that no DETAIL_GAP tells")
def tells_of_no_gap(lines: Lines) -> Iterator[Said]:
    """A gap is in the account and nowhere else."""
    yield from _accounting(lines, {"required_keys": ["a", "b"], "hydrated_keys": ["a"], "gap_keys": ["b"]})


@breaks("CP-10/T1", "and never said DONE")
def ends_without_a_word(lines: Lines) -> Iterator[Said]:
    """Once the last stream is read it simply ends."""
    for message in lines:
        if message["type"] != "DONE":
            yield message


@breaks("CP-10/T1", "said after DONE")
def says_done_for_each_stream(lines: Lines) -> Iterator[Said]:
    """Each stream is ended by a DONE."""
    records = 0
    for message in lines:
        records += message["type"] == "RECORD"
        yield message
        if message["type"] == "STATE":
            yield {"type": "DONE", "status": "succeeded", "records_emitted": records}


@breaks("CP-10/T1", "said after DONE")
def flushes_its_cursor_last(lines: Lines) -> Iterator[Said]:
    """Cursors are written when the program is left, behind DONE."""
    held: list[Message] = []
    for message in lines:
        if message["type"] == "STATE":
            held.append(message)
        else:
            yield message
    yield from held


@breaks("CP-11/T1", "DONE counts 7 records, 6 RECORD lines were said")
def counts_one_too_many(lines: Lines) -> Iterator[Said]:
    """The count begins at one."""
    for message in lines:
        if message["type"] == "DONE":
            message["records_emitted"] += 1
        yield message


@breaks("CP-11/T1", "DONE counts 0 records, 6 RECORD lines were said")
def counts_the_last_stream(lines: Lines) -> Iterator[Said]:
    """The count is begun anew with each stream."""
    records = 0
    for message in lines:
        records = {"RECORD": records + 1, "STATE": 0}.get(message["type"], records)
        yield {**message, "records_emitted": records} if message["type"] == "DONE" else message


@breaks("CP-11/T1", "DONE counts 2 records, 6 RECORD lines were said")
def counts_partitions(lines: Lines) -> Iterator[Said]:
    """What is counted is batches, not records."""
    batches: set[str] = set()
    for message in lines:
        if message["type"] == "RECORD":
            batches.add(partition_of(message))
        yield {**message, "records_emitted": len(batches)} if message["type"] == "DONE" else message


@breaks("CP-12/T1", "DONE said succeeded, the exit status is 3")
def breaks_while_leaving(lines: Lines) -> Iterator[Said]:
    """Something that is closed at the end fails, and the exit status tells of that."""
    yield from lines
    lines.status = 3


@breaks("CP-12/T1", "DONE said failed, the exit status is 0")
def fails_with_status_0(lines: Lines) -> Iterator[Said]:
    """An error that was caught and told is not in the exit status."""
    for message in lines:
        if message["type"] == "DONE":
            message |= {"status": "failed", "error": {"message": "the source is gone", "retryable": True}}
        yield message


@breaks("CP-13/T1", "PROGRESS repeats the content of a record")
def shows_what_it_reads(lines: Lines) -> Iterator[Said]:
    """Progress is told with the record that was read last."""
    last = ""
    for message in lines:
        if message["type"] == "RECORD":
            last = message["data"].get("text", "")
        elif message["type"] == "PROGRESS":
            message["message"] += f", the last is {last!r}"
        yield message


@breaks("CP-13/T1", "stderr repeats the content of a record")
def logs_what_it_reads(lines: Lines) -> Iterator[Said]:
    """Each record is logged on stderr as a whole."""
    for message in lines:
        if message["type"] == "RECORD":
            print(f"DEBUG read {message['data']}", file=sys.stderr, flush=True)
        yield message


@breaks("CP-13/T1", "STATE repeats the content of a record")
def keeps_what_it_read(lines: Lines) -> Iterator[Said]:
    """The cursor holds the last record as a whole, to know it again."""
    last: dict[str, Message] = {}
    for message in lines:
        if message["type"] == "RECORD":
            last[message["stream"]] = message["data"]
        elif message["type"] == "STATE" and message["stream"] in last:
            message["cursor"]["last"] = last[message["stream"]]
        yield message


@breaks("CP-13/T1", "SKIP_RESULT repeats the content of a record")
def quotes_what_it_skips(lines: Lines) -> Iterator[Said]:
    """A line that it cannot read is quoted in what it says of it."""
    for message in lines:
        yield message
        if message["type"] == "RECORD":
            told = f"no attachment in {message['data']}"
            yield {"type": "SKIP_RESULT", "stream": STREAM, "reason": "no_attachment", "message": told}
