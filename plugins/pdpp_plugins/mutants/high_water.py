"""Connectors that measure a partition by something other than its own high-water: PR-02."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.folders import STREAM, Message, gone, newest, observed, partition_of, without
from pdpp_plugins.mutants.lines import Lines, Said


@breaks("PR-02.1/T1", "'q3'] of partition 'team' in stream 'messages' emitted; seen []")
@breaks("PR-02.1/T2", "'q3'] of partition 'team' in stream 'messages' emitted although")
@breaks("PR-02.2/T2", "'s2'] of partition 'still' in stream 'messages' emitted although partition 'active'")
def goes_by_the_newest_of_all(lines: Lines) -> Iterator[Said]:
    """The newest time of the whole stream decides what is new in each partition."""
    last = {stream: max(newest(lines, stream).values(), default="") for stream in lines.state}
    yield from without(lines, lambda record: record["data"]["at"] <= last.get(record["stream"], ""))


@breaks("PR-02.1/T1", "'q3'] of partition 'team' in stream 'messages' emitted; seen []")
@breaks("PR-02.1/T2", "'q3'] of partition 'team' in stream 'messages' emitted although")
def looks_up_what_begins_alike(lines: Lines) -> Iterator[Said]:
    """Cursors are found by how a key begins, so `team` goes by that of `team-2`."""
    known = newest(lines)

    def before(record: Message) -> bool:
        alike = [at for name, at in known.items() if name.startswith(partition_of(record))]
        return bool(record["data"]["at"] <= max(alike, default=""))

    yield from without(lines, before)


@breaks("PR-02.1/T1", "not emitted a second time")
@breaks("PR-02/return-and-resume/T1", "not emitted a second time")
def begins_again_each_time(lines: Lines) -> Iterator[Said]:
    """Cursors are written and never read."""
    lines.state.clear()
    yield from lines


@breaks("PR-02.2/T2", "'s2'] of partition 'still' in stream 'messages' emitted although partition 'active'")
def keeps_the_older_cursor(lines: Lines) -> Iterator[Said]:
    """A connection that began with one time for all goes on with one time for all."""
    older = (lines.state.get(STREAM) or {}).get("last_at")
    for message in lines:
        if message["type"] == "STATE" and message["stream"] == STREAM and older:
            highs = message["cursor"]["partitions"].values()
            message["cursor"] = {"last_at": max(older, *(high["newest"] or "" for high in highs))}
        yield message


@breaks("PR-02.2/T2", "'s2'] of partition 'still' in stream 'messages' emitted although partition 'active'")
def seeds_from_its_end(lines: Lines) -> Iterator[Said]:
    """Partitions without a cursor get the older one as it stands after the run, not before it."""
    cursor = lines.state.get(STREAM) or {}
    seeds, older = cursor.pop("seeds", {}), cursor.get("last_at")
    seen: dict[str, str] = {}
    for message in without(lines, lambda r: r["data"]["at"] < seeds.get(partition_of(r), "")):
        if message["type"] == "RECORD" and message["stream"] == STREAM:
            seen[partition_of(message)] = message["data"]["at"]
        elif message["type"] == "STATE" and message["stream"] == STREAM and older:
            unread = [name for name in message["cursor"]["partitions"] if name not in seen]
            message["cursor"]["seeds"] = dict.fromkeys(unread, max(older, *seen.values()))
        yield message


@breaks("PR-02/return-and-resume/T1", "'w2'] of partition 'away' in stream 'messages' emitted; seen")
def gives_the_gone_up(lines: Lines) -> Iterator[Said]:
    """A partition that was missing once is marked as deleted, and left alone when it returns."""
    closed = {stream: cursor.pop("closed", []) for stream, cursor in lines.state.items()}
    for message in without(lines, lambda r: partition_of(r) in closed.get(r["stream"], [])):
        if message["type"] == "STATE":
            stream = message["stream"]
            message["cursor"]["closed"] = [*closed.get(stream, []), *gone(lines, stream)]
        yield message


@breaks("PR-02/late-partition/T1", "'n1'] of partition 'newcomer' in stream 'messages' emitted although")
def seeds_newcomers(lines: Lines) -> Iterator[Said]:
    """A partition without a cursor begins where the furthest of the others is."""
    known = newest(lines)
    furthest = max(known.values(), default="")
    yield from without(lines, lambda r: partition_of(r) not in known and r["data"]["at"] < furthest)


@breaks("PR-02/late-partition/T1", "'n1'] of partition 'newcomer' in stream 'messages' emitted although")
def keeps_to_the_first_list(lines: Lines) -> Iterator[Said]:
    """Which partitions there are is found out in the first run and kept."""
    known = set(observed(lines))
    for message in without(lines, lambda r: bool(known) and partition_of(r) not in known):
        if message["type"] == "STATE" and known:
            partitions = message["cursor"]["partitions"]
            message["cursor"]["partitions"] = {n: high for n, high in partitions.items() if n in known}
        yield message


@breaks("PR-02/equal-times/T1", "'q3'] of partition 'quiet' in stream 'messages' emitted; seen []")
def takes_strictly_newer(lines: Lines) -> Iterator[Said]:
    """What is new has to be newer than the newest, so its twin in time is lost."""
    known = newest(lines)
    yield from without(lines, lambda r: _utc(r["data"]["at"]) <= _utc(known.get(partition_of(r), "")))


@breaks("PR-02/equal-times/T1", "'q3'] of partition 'quiet' in stream 'messages' emitted; seen []")
def compares_times_as_text(lines: Lines) -> Iterator[Said]:
    """Times are compared as they are written, whatever their offset."""
    known = newest(lines)
    yield from without(lines, lambda r: r["data"]["at"] < known.get(partition_of(r), ""))


def _utc(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp() if text else float("-inf")


@breaks("PR-03/scoped-and-committed/T1", "'b2'] of partition 'beta' in stream 'messages' emitted although")
def commits_what_it_held_back(lines: Lines) -> Iterator[Said]:
    """A narrowed run reads everything, emits what was asked for and leaves the cursor of it all."""
    asked = {s["name"]: s.pop("resources", None) for s in lines.start["scope"]["streams"]}

    def unasked(record: Message) -> bool:
        resources = asked[record["stream"]]
        return resources is not None and partition_of(record) not in resources

    yield from without(lines, unasked)
