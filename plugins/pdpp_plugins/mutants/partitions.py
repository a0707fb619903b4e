"""Connectors that tell less, or other, than they know of partitions that are gone: PR-01.1."""

from __future__ import annotations

import hashlib
import os
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.folders import MISSING, STREAM, Message, gone, partition_of
from pdpp_plugins.mutants.lines import Lines, Said


@breaks("PR-01.1/T1", "'beta' of stream 'messages' missing; seen ['no line about a gap']")
@breaks("PR-01.1/T3", "no line about a gap")
def forgets_missing(lines: Lines) -> Iterator[Said]:
    """What disappeared is not mentioned."""
    for message in lines:
        if message.get("reason") != MISSING:
            yield message


@breaks("PR-01.1/T1", "'beta' of stream 'messages' missing; seen ['no line about a gap']")
@breaks("PR-01.1/T3", "no line about a gap")
def tells_in_passing(lines: Lines) -> Iterator[Said]:
    """What disappeared is told as PROGRESS, which a host may throw away."""
    for message in lines:
        if message.get("reason") == MISSING:
            stream, told = message["stream"], f"gone: {message['diagnostics']['missing_partitions']}"
            yield {"type": "PROGRESS", "stream": stream, "message": told}
        else:
            yield message


@breaks("PR-01.1/T1", "'beta' of stream 'messages' missing; seen ['no line about a gap']")
@breaks("PR-01.1/T3", "no line about a gap")
def calls_the_gone_unwanted(lines: Lines) -> Iterator[Said]:
    """A partition that is gone is skipped for a reason of those that are only informational."""
    for message in lines:
        yield {**message, "reason": "out_of_scope"} if message.get("reason") == MISSING else message


@breaks("PR-01.1/T1", '"stream": "reactions"')
def tells_of_one_stream(lines: Lines) -> Iterator[Said]:
    """Lines are gathered by reason alone, so of several streams the last one stands."""
    kept: list[Said] = []
    for message in lines:
        if message.get("reason") == MISSING:
            kept = [message]
        elif message["type"] == "DONE":
            yield from [*kept, message]
        else:
            yield message


@breaks("PR-01.1/T1", '"missing_partitions": []')
@breaks("PR-01.1/T2", '"missing_partitions": []')
def counts_without_names(lines: Lines) -> Iterator[Said]:
    """How many are gone is told, which they are is not."""
    for message in lines:
        if message.get("reason") == MISSING:
            message["diagnostics"] |= {"missing_partitions": [], "truncated": True}
        yield message


@breaks("PR-01.1/T1", '{"type": "SKIP_RESULT", "reason"')
def names_no_stream(lines: Lines) -> Iterator[Said]:
    """The line has no stream, as if all of the source were of one."""
    for message in lines:
        if message.get("reason") == MISSING:
            del message["stream"]
        yield message


@breaks("PR-01.1/T2", "the key of partition 'beta' of stream 'messages' in a line about a gap; seen ")
def names_paths(lines: Lines) -> Iterator[Said]:
    """What is named is where a partition lay, not its key."""
    root = lines.start["bindings"]["filesystem"]["root"]
    for message in lines:
        if message.get("reason") == MISSING:
            named = message["diagnostics"]["missing_partitions"]
            message["diagnostics"]["missing_partitions"] = [os.path.join(root, name) for name in named]
        yield message


@breaks("PR-01.1/T2", hashlib.sha256(b"beta").hexdigest()[:12])
def names_digests(lines: Lines) -> Iterator[Said]:
    """Keys are taken for content and told as their digests."""
    for message in lines:
        if message.get("reason") == MISSING:
            named = message["diagnostics"]["missing_partitions"]
            digests = [hashlib.sha256(name.encode()).hexdigest()[:12] for name in named]
            message["diagnostics"]["missing_partitions"] = digests
        yield message


@breaks("PR-01.1/T2", "last_message")
def shows_the_last_message(lines: Lines) -> Iterator[Said]:
    """The cursor keeps a packed preview of each partition, and the diagnostic shows it when that is gone."""
    previews = _previews(lines)
    for message in lines:
        if message.get("reason") == MISSING and message["stream"] == STREAM:
            shown = [previews[name] for name in message["diagnostics"]["missing_partitions"]]
            message["diagnostics"]["last_message"] = shown
        yield _keeping(previews, message)


@breaks("PR-01.1/T2", 'content; seen ["gone is beta, which ended in ')
def logs_the_last_message(lines: Lines) -> Iterator[Said]:
    """What is lost is logged on stderr with the last that was in it."""
    previews = _previews(lines)
    for name in gone(lines):
        print(f"gone is {name}, which ended in {previews[name]!r}", file=sys.stderr, flush=True)
    for message in lines:
        yield _keeping(previews, message)


def _previews(lines: Lines) -> dict[str, str]:
    packed = (lines.state.get(STREAM) or {}).pop("previews", {})
    return {name: b64decode(text).decode() for name, text in packed.items()}


def _keeping(previews: dict[str, str], message: Message) -> Message:
    if message["type"] == "RECORD" and message["stream"] == STREAM:
        previews[partition_of(message)] = message["data"]["text"]
    elif message["type"] == "STATE" and message["stream"] == STREAM:
        packed = {name: b64encode(text.encode()).decode() for name, text in previews.items()}
        message["cursor"]["previews"] = packed
    return message
