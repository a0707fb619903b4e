"""Connectors that are right to keep other cursors, and to do otherwise with an older one: PR-02."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pdpp_plugins.mutants.connectors import legal
from pdpp_plugins.mutants.folders import STREAM, Message, partition_of, without
from pdpp_plugins.mutants.lines import Lines, Said

SEEN = ("PR-02.1", "PR-02.2", "PR-02/return-and-resume", "PR-02/late-partition", "PR-02/equal-times")
OLDER = ("PR-02/R2a", "PR-02.2/T1")


def _by_time(lines: Lines, lookback: timedelta = timedelta(), *, seeded: bool = False) -> Iterator[Message]:
    """A cursor of one time for each partition; what is at that time, or so long before, comes again."""
    cursors = {name: cursor.get("newest", {}) for name, cursor in lines.state.items()}
    older = {name: cursor["last_at"] for name, cursor in lines.state.items() if "last_at" in cursor}
    lines.state.clear()

    def old(record: Message) -> bool:
        stream, at = record["stream"], _at(record["data"]["at"])
        last = cursors.get(stream, {}).get(partition_of(record))
        if last is None:
            return stream in older and at < _at(older[stream])
        return at < _at(last) - lookback

    for message in without(lines, old):
        if message["type"] == "RECORD":
            known = cursors.setdefault(message["stream"], {})
            name, at = partition_of(message), message["data"]["at"]
            known[name] = max(known.get(name, at), at, key=_at)
        elif message["type"] == "STATE":
            yield {**message, "cursor": _cursor(message, cursors, older, seeded)}
            continue
        yield message


def _cursor(
    message: Message, cursors: dict[str, dict[str, str]], older: dict[str, str], seeded: bool
) -> dict[str, Any]:
    stream = message["stream"]
    newest = cursors.get(stream, {})
    if seeded and stream in older:
        newest = dict.fromkeys(message["cursor"]["partitions"], older[stream]) | newest
    kept = {"last_at": older[stream]} if stream in older and not seeded else {}
    return {"newest": newest, **kept}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@legal(*SEEN, takes=OLDER)
def goes_by_times(lines: Lines) -> Iterator[Said]:
    """Cursors are times: the newest record of a partition comes again, and the older cursor lives on."""
    yield from _by_time(lines)


@legal("PR-02.1", "PR-02.2", takes=OLDER)
def seeds_from_the_older_cursor(lines: Lines) -> Iterator[Said]:
    """Each partition without a cursor gets the older one as its own, which is then dropped."""
    yield from _by_time(lines, seeded=True)


@legal("PR-02.1", "PR-02/return-and-resume")
def looks_back_a_month(lines: Lines) -> Iterator[Said]:
    """What lies up to 28 days before a partition's newest record is emitted again."""
    yield from _by_time(lines, timedelta(days=28))


@legal("PR-02.2", leaves=OLDER)
def ignores_the_older_cursor(lines: Lines) -> Iterator[Said]:
    """A cursor of the time before partitions is dropped, and all of the source comes again."""
    for cursor in lines.state.values():
        cursor.pop("last_at", None)
    yield from lines


@legal("PR-03.1", "PR-03/scoped-and-committed", "PR-03/odd-names")
def leaves_a_cursor_when_narrowed(lines: Lines) -> Iterator[Said]:
    """A narrowed run says STATE as well, which goes as far as the cursor that it was given."""
    narrowed = any("resources" in stream for stream in lines.start["scope"]["streams"])
    cursor = lines.state.get(STREAM) or {"partitions": {}}
    for message in lines:
        if message["type"] == "DONE" and narrowed:
            yield {"type": "STATE", "stream": STREAM, "cursor": cursor}
        yield message
