"""Connectors that lose sight of partitions that are gone for long, were empty, or are many: PR-01."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.folders import MISSING, gone, missing_line, present
from pdpp_plugins.mutants.lines import Lines, Said


@breaks("PR-01/still-missing/T1", "'beta' of stream 'messages' missing; seen ['no line about a gap']")
@breaks("PR-02/return-and-resume/T1", "'w0'] of partition 'away' in stream 'messages' not emitted a second")
def forgets_the_gone(lines: Lines) -> Iterator[Said]:
    """The new cursor holds what is there, so a partition is missed once and begins anew when it returns."""
    here = present(lines)
    for message in lines:
        if message["type"] == "STATE":
            partitions = message["cursor"]["partitions"]
            message["cursor"]["partitions"] = {name: partitions[name] for name in partitions if name in here}
        yield message


@breaks("PR-01/still-missing/T1", "'beta' of stream 'messages' missing; seen ['no line about a gap']")
def never_repeats_itself(lines: Lines) -> Iterator[Said]:
    """A line that says what the last run said is held to be no news."""
    before = {stream: cursor.pop("told", None) for stream, cursor in lines.state.items()}
    for message in lines:
        if message.get("reason") == MISSING and before[message["stream"]] == message["diagnostics"]:
            continue
        if message["type"] == "STATE":
            missing = gone(lines, message["stream"])
            message["cursor"]["told"] = missing_line(missing)["diagnostics"] if missing else None
        yield message


@breaks("PR-01/still-missing/T1", "'beta' of stream 'messages' missing; seen ['no line about a gap']")
def gives_up_after_two(lines: Lines) -> Iterator[Said]:
    """What was missing in two runs is held to be known by now."""
    told = {stream: cursor.pop("told", {}) for stream, cursor in lines.state.items()}
    for message in lines:
        if message.get("reason") == MISSING:
            times = told[message["stream"]]
            news = [n for n in message["diagnostics"]["missing_partitions"] if times.get(n, 0) < 2]
            told[message["stream"]] = {**times, **{name: times.get(name, 0) + 1 for name in news}}
            yield from [missing_line(news, message["stream"])] if news else []
            continue
        if message["type"] == "STATE":
            message["cursor"]["told"] = told.get(message["stream"], {})
        yield message


@breaks("PR-01/empty-partition/T1", "'hollow' of stream 'messages' missing; seen ['no line about a gap']")
def forgets_the_empty(lines: Lines) -> Iterator[Said]:
    """Only a partition with a record gets into the cursor."""
    for message in lines:
        if message["type"] == "STATE":
            partitions = message["cursor"]["partitions"]
            message["cursor"]["partitions"] = {n: high for n, high in partitions.items() if high["offset"]}
        yield message


@breaks("PR-01/many-missing/T1", "a line of at most 64 KiB")
def names_all_in_one_line(lines: Lines) -> Iterator[Said]:
    """However many are missing, one line names them all."""
    for message in lines:
        if message.get("reason") == MISSING:
            yield missing_line(gone(lines, message["stream"]), message["stream"])
        else:
            yield message


@breaks("PR-01/many-missing/T1", "a line of at most 64 KiB")
def measures_characters(lines: Lines) -> Iterator[Said]:
    """The line's bound is taken in characters, and its bytes are more."""
    for message in lines:
        if message.get("reason") == MISSING:
            named = gone(lines, message["stream"])
            while len(json.dumps(missing_line(named), ensure_ascii=False)) > 60 * 1024:
                named = named[: len(named) * 9 // 10]
            yield missing_line(named, message["stream"])
        else:
            yield message


@breaks("PR-01/many-missing/T2", "at least 20 of 2000 named; seen 10")
def names_ten(lines: Lines) -> Iterator[Said]:
    """Ten are named, half of what an owner is owed."""
    for message in lines:
        if message.get("reason") == MISSING:
            message["diagnostics"]["missing_partitions"] = message["diagnostics"]["missing_partitions"][:10]
        yield message


@breaks("PR-01/many-missing/T2", "the number 2000 in a line about them; seen [20]")
def counts_what_it_names(lines: Lines) -> Iterator[Said]:
    """The number is that of the names in the line, not of the partitions that are gone."""
    for message in lines:
        if message.get("reason") == MISSING:
            message["diagnostics"]["missing_count"] = len(message["diagnostics"]["missing_partitions"])
        yield message


@breaks("PR-01/many-missing/T2", "a mark that some are left out")
def marks_nothing(lines: Lines) -> Iterator[Said]:
    """The line does not say that it leaves some out."""
    for message in lines:
        if message.get("reason") == MISSING:
            message["diagnostics"]["truncated"] = False
        yield message
