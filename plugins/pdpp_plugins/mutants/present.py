"""Connectors that call missing what is there, or what nobody asked for or could see: PR-01."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.folders import MISSING, STREAM, gone, missing_line, observed, present, scope
from pdpp_plugins.mutants.lines import Lines, Said


@breaks("PR-01.2/T1", "'team-2' of stream 'messages', which is present")
def misses_what_begins_alike(lines: Lines) -> Iterator[Said]:
    """A key that begins like that of a missing partition is taken for part of it."""
    for message in lines:
        if message.get("reason") == MISSING:
            named = tuple(message["diagnostics"]["missing_partitions"])
            again = [name for name in observed(lines) if name.startswith(named)]
            yield missing_line(again, message["stream"])
        else:
            yield message


@breaks("PR-01.2/T1", '"missing_partitions": ["alpha", "hollow", "team", "team-2"]')
def misses_the_unchanged(lines: Lines) -> Iterator[Said]:
    """A partition counts as present when it gave a record in this run."""
    seen: set[str] = set()
    for message in lines:
        if message["type"] == "RECORD" and message["stream"] == STREAM:
            seen.add(message["key"][0])
        elif message["type"] == "STATE" and message["stream"] == STREAM:
            silent = sorted(observed(lines).keys() - seen)
            yield from [missing_line(silent)] if silent else []
        if message.get("reason") != MISSING or message["stream"] != STREAM:
            yield message


@breaks("PR-01.2/T1", "'hollow' of stream 'messages'")
def misses_the_empty(lines: Lines) -> Iterator[Said]:
    """A partition that is there and holds no record is told among the missing."""
    for message in lines:
        if message["type"] == "STATE" and message["stream"] == STREAM:
            empty = [name for name, high in observed(lines).items() if not high["offset"]]
            yield from [missing_line(empty)] if empty else []
        yield message


@breaks("PR-01.2/T1", "'team-2' of stream 'messages' in no gap of an unchanged source")
def lists_one_page(lines: Lines) -> Iterator[Said]:
    """The inventory is the first page of the source's list."""
    page = present(lines)[:3]
    for message in lines:
        if message["type"] == "STATE" and message["stream"] == STREAM:
            beyond = [name for name in observed(lines) if name not in page]
            yield from [missing_line(beyond)] if beyond else []
        if message.get("reason") != MISSING or message["stream"] != STREAM:
            yield message


@breaks("PR-01.2/T1", "'alpha' of stream 'messages', which is present")
def misses_all_with_one(lines: Lines) -> Iterator[Said]:
    """Once a partition is gone, what is told is the whole cursor."""
    for message in lines:
        told = message.get("reason") == MISSING
        yield missing_line(list(observed(lines)), message["stream"]) if told else message


@breaks("PR-01/narrowed-run/T1", "no line about partition 'beta' in a run of 'alpha' alone")
def looks_beyond_its_scope(lines: Lines) -> Iterator[Said]:
    """A narrowed run compares all that was ever seen with all that is there."""
    narrowed = "resources" in scope(lines)
    for message in lines:
        if message["type"] == "DONE" and narrowed and gone(lines):
            yield missing_line(gone(lines))
        yield message


@breaks("PR-01/narrowed-run/T1", "no line about partition 'beta' in a run of 'alpha' alone")
def misses_what_it_was_not_asked_for(lines: Lines) -> Iterator[Said]:
    """A narrowed run's inventory is what it was asked for, so all else seems gone."""
    asked = scope(lines).get("resources")
    for message in lines:
        if message["type"] == "DONE" and asked:
            yield missing_line([name for name in observed(lines) if name not in asked])
        yield message


@breaks("PR-01/unreadable-inventory/T1", "partition 'alpha' not reported missing")
def takes_unreadable_for_empty(lines: Lines) -> Iterator[Said]:
    """An error while listing leaves an empty list, so everything is gone."""
    for message in lines:
        if message["type"] == "DONE" and message["status"] == "failed":
            yield missing_line(list(observed(lines)))
            yield {"type": "DONE", "status": "succeeded", "records_emitted": 0}
        else:
            yield message
    lines.status = 0


@breaks("PR-01/unreadable-inventory/T1", "partition 'alpha' not reported missing")
def blames_the_partitions(lines: Lines) -> Iterator[Said]:
    """The run fails as it must, and its error lists every known partition as lost."""
    for message in lines:
        if message["type"] == "DONE" and message["status"] == "failed":
            message["error"] |= {"stream": STREAM, "missing_partitions": list(observed(lines))}
        yield message


@breaks("PR-01/unreadable-inventory/T2", "a line about a gap, or an end that is not succeeded")
def shrugs_at_an_unreadable_source(lines: Lines) -> Iterator[Said]:
    """An error while listing is caught where the loop over partitions is, and nothing is left to do."""
    for message in lines:
        if message["type"] == "DONE":
            message = {"type": "DONE", "status": "succeeded", "records_emitted": message["records_emitted"]}
        yield message
    lines.status = 0
