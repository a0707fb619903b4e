"""Connectors whose lines are no messages, or none of their streams: CP-01 to CP-04, CP-06, CP-07."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.folders import STREAM, Message, counted
from pdpp_plugins.mutants.lines import Lines, Said

TIME = "2024-01-01T00:00:00Z"


@breaks("CP-01/T1", "said before START came")
def says_that_it_is_ready(lines: Lines) -> Iterator[Said]:
    """A word of welcome goes out before anything was read."""
    yield {"type": "PROGRESS", "message": "ready"}
    yield from lines


@breaks("CP-01/T1", "said before START came")
def prints_a_banner(lines: Lines) -> Iterator[Said]:
    """A library prints its name and version on stdout as it is loaded."""
    yield "collector 4.2 (offline mode)\n"
    yield from lines


@breaks("CP-02/T1", "the line is not JSON: Expecting value")
def logs_to_stdout(lines: Lines) -> Iterator[Said]:
    """Its log goes where its messages go."""
    for message in lines:
        if message["type"] == "STATE":
            yield f"INFO leaving a cursor for {message['stream']}\n"
        yield message


@breaks("CP-02/T1", "the line is not JSON: Extra data")
def runs_lines_together(lines: Lines) -> Iterator[Said]:
    """Two threads write at once, and a line feed gets lost between them."""
    held = ""
    for message in lines:
        line = held + json.dumps(message)
        held = line if message["type"] == "PROGRESS" else ""
        if not held:
            yield line + "\n"


@breaks("CP-02/T1", "the line is not UTF-8")
def writes_latin_1(lines: Lines) -> Iterator[Said]:
    """The locale of the machine decides in what text is written."""
    for message in lines:
        if message["type"] == "PROGRESS":
            line = b'{"type": "PROGRESS", "message": "fertig f\xfcr heute"}\n'
            yield line.decode("utf-8", "surrogateescape")
        yield message


@breaks("CP-02/T1", "NaN is no JSON value")
def says_nan(lines: Lines) -> Iterator[Said]:
    """An average over nothing is written down as NaN."""
    for message in lines:
        if message["type"] == "PROGRESS":
            message["average"] = float("nan")
        yield message


@breaks("CP-02/T1", "a number is beyond a double or 64 bits")
def says_a_number_too_large(lines: Lines) -> Iterator[Said]:
    """A number that its own language holds at any size is written as it is."""
    for message in lines:
        if message["type"] == "STATE":
            message["cursor"]["serial"] = 2**70
        yield message


@breaks("CP-02/T1", "the line holds an array, not an object")
def batches_messages(lines: Lines) -> Iterator[Said]:
    """Several messages are put in one line, as an array."""
    for message in lines:
        yield json.dumps([message]) + "\n" if message["type"] == "PROGRESS" else message


@breaks("CP-03/T1", "the message type 'LOG' is unknown")
def says_log(lines: Lines) -> Iterator[Said]:
    """A message of another protocol is said as well."""
    for message in lines:
        if message["type"] == "STATE":
            yield {"type": "LOG", "level": "info", "message": "cursor"}
        yield message


@breaks("CP-03/T1", "RECORD: the message is not as the wire has it")
def leaves_the_time_out(lines: Lines) -> Iterator[Said]:
    """When a record was emitted is not told."""
    for message in lines:
        message.pop("emitted_at", None)
        yield message


@breaks("CP-03/T1", "STATE: cursor is not as the wire has it")
def packs_its_cursor(lines: Lines) -> Iterator[Said]:
    """The cursor is a text with JSON in it."""
    for message in lines:
        if message["type"] == "STATE":
            message["cursor"] = json.dumps(message["cursor"])
        yield message


@breaks("CP-03/T1", "DONE: the message is not as the wire has it")
def does_not_count(lines: Lines) -> Iterator[Said]:
    """DONE has no count."""
    for message in lines:
        if message["type"] == "DONE":
            del message["records_emitted"]
        yield message


@breaks("CP-03/T1", "SKIP_RESULT: recovery_hint is not as the wire has it")
def hints_in_prose(lines: Lines) -> Iterator[Said]:
    """What would help is told in a sentence, not by one of the actions."""
    hint = "try again after the weekend"
    for message in lines:
        if message["type"] == "DONE":
            yield {"type": "SKIP_RESULT", "stream": STREAM, "reason": "busy", "recovery_hint": hint}
        yield message


@breaks("CP-04/T1", "the manifest declares no such stream")
def emits_another_stream(lines: Lines) -> Iterator[Said]:
    """What the records lie in is emitted as well, in a stream that no manifest declares."""

    def more() -> Iterator[Message]:
        for message in lines:
            if message["type"] == "STATE" and message["stream"] == STREAM:
                record = {"type": "RECORD", "stream": "channels", "key": "alpha", "data": {"id": "alpha"}}
                yield {**record, "emitted_at": TIME}
            yield message

    yield from counted(more())


@breaks("CP-04/T1", "a cursor of stream 'messages/alpha', which was not started")
def leaves_a_cursor_a_partition(lines: Lines) -> Iterator[Said]:
    """Each partition has a STATE of its own, under a stream that does not exist."""
    for message in lines:
        if message["type"] == "STATE":
            for name, high in message["cursor"]["partitions"].items():
                yield {"type": "STATE", "stream": f"{message['stream']}/{name}", "cursor": high}
        else:
            yield message


def _of_records(lines: Lines, change: Callable[[Message], None]) -> Iterator[Said]:
    for message in lines:
        if message["type"] == "RECORD":
            change(message)
        yield message


@breaks("CP-06/T1", "the record breaks the stream's schema at additionalProperties")
def adds_fields(lines: Lines) -> Iterator[Said]:
    """A field that came with a later version is emitted before the manifest knows it."""
    yield from _of_records(lines, lambda record: record["data"].update(edited=False))


@breaks("CP-06/T1", "author breaks the stream's schema at properties/author/type")
def emits_null(lines: Lines) -> Iterator[Said]:
    """A field without a value is null where the schema wants text."""
    yield from _of_records(lines, lambda record: record["data"].update(author=None))


@breaks("CP-06/T1", "its key has 1 parts, the primary key 2")
def joins_keys(lines: Lines) -> Iterator[Said]:
    """The parts of a key are joined to one text."""
    yield from _of_records(lines, lambda record: record.update(key="/".join(record["key"])))


@breaks("CP-06/T1", "its key is not what its field 'channel' says")
def turns_keys_round(lines: Lines) -> Iterator[Said]:
    """The parts of a key stand in another order than the manifest's."""
    yield from _of_records(lines, lambda record: record["key"].reverse())


@breaks("CP-07/T1", "a delete in an append-only stream")
def replaces_by_deleting(lines: Lines) -> Iterator[Said]:
    """A record is deleted before it is emitted, in case that it was there."""

    def more() -> Iterator[Message]:
        for message in lines:
            if message["type"] == "RECORD":
                yield {**message, "op": "delete", "data": {}}
            yield message

    yield from counted(more())
