"""Sentences about records: which are emitted, which are stored."""

from __future__ import annotations

from typing import Any

from pdpp_tck.asking import JUDGED, Asking
from pdpp_tck.evidence.transcripts import Line
from pdpp_tck.evidence.views import Evidence, RunView
from pdpp_tck.judging import Judge
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, then, when
from pdpp_tck.vocabulary.sources import names


@given('the kit\'s own connector with the streams "{streams}"')
def own_connector(scene: Scene, streams: str) -> None:
    """A connector that plays what it is told to."""
    scene.scripted(names(streams))


@given('the kit\'s own connector with the stream "{stream}", bounded by the field "{field}"')
def own_bounded(scene: Scene, stream: str, field: str) -> None:
    """The same with a resource field."""
    scene.scripted([stream], field)


def emitted(run: RunView, evidence: Evidence, ident: str) -> list[Line]:
    """The RECORD lines of a run that carry the source's record of that name."""
    item = evidence.item(ident)
    return [line for line in run.said("RECORD") if _is(line.message or {}, item)]


def _is(message: dict[str, Any], item: dict[str, Any]) -> bool:
    return bool(message.get("stream") == item["stream"] and message.get("key") == item["key"])


def told(evidence: Evidence, ident: str) -> str:
    """A record of the source, for a failure to name: stream, partition, key."""
    item = evidence.item(ident)
    return f"record {item['key']!r} of partition {item['partition']!r} in stream {item['stream']!r}"


@then('"{new}" is emitted and "{old}" is not emitted again')
def emitted_once(evidence: Evidence, judge: Judge, new: str, old: str) -> None:
    """The partition goes on after its own newest record; what lies on the very boundary may come again."""
    run = evidence.run(JUDGED)
    evidence.resumed(run)
    judge(bool(emitted(run, evidence, new)), expected=f"{told(evidence, new)} emitted", seen=_keys(run))
    again = emitted(run, evidence, old)
    line = again[0] if again else None
    judge(not again, expected=f"{told(evidence, old)} not emitted a second time", seen=_keys(run), line=line)


@then('"{new}" is emitted although "{partition}" is further on')
def emitted_although(evidence: Evidence, judge: Judge, new: str, partition: str) -> None:
    """Another partition's progress hides nothing."""
    run = evidence.run(JUDGED)
    evidence.resumed(run)
    expected = f"{told(evidence, new)} emitted although partition {partition!r} is further on"
    judge(bool(emitted(run, evidence, new)), expected=expected, seen=_keys(run))


@then('the run that began with the older cursor emitted "{new}"')
def went_on(evidence: Evidence, judge: Judge, new: str) -> None:
    """An older cursor may be used, seeded from, or ignored; what is newer than it comes out all the same."""
    evidence.run(JUDGED)
    run = evidence.runs(prior=True)[0]
    evidence.resumed(run)
    judge(bool(emitted(run, evidence, new)), expected=f"{told(evidence, new)} emitted", seen=_keys(run))


def _keys(run: RunView) -> list[Any]:
    return [(line.message or {}).get("key") for line in run.said("RECORD")]


@then('every record emitted lies within "{partitions}"')
def within(evidence: Evidence, judge: Judge, partitions: str) -> None:
    """Each record of the stream is listed by key, or its declared field names the resource."""
    run = evidence.run(JUDGED)
    wanted = names(partitions)
    stream = next(e["stream"] for e in evidence.source("wrote") if e["partition"] in wanted)
    inside = _keys_of(evidence, wanted)
    run.scoped()
    among = " or ".join(map(repr, wanted))
    for line in run.said("RECORD"):
        message = line.message or {}
        ok = message.get("stream") == stream and message.get("key") in inside
        expected = f"only records of partition {among} in stream {stream!r}"
        seen = f"record {message.get('key')!r} of stream {message.get('stream')!r}"
        judge(ok, expected=expected, seen=seen, line=line)
    ended = run.said("DONE", "SKIP_RESULT")
    seen = f"nothing {run.transcript.last_words()}".strip()
    judge(bool(ended or run.said("RECORD")), expected="a connector that says something", seen=seen)


@then('every record of "{partitions}" is emitted')
def all_of(evidence: Evidence, judge: Judge, partitions: str) -> None:
    """What was asked for does come out."""
    run = evidence.run(JUDGED)
    keys = _keys(run)
    for partition in names(partitions):
        for key in _keys_of(evidence, [partition]):
            judge(key in keys, expected=f"record {key!r} of partition {partition!r} emitted", seen=keys)


def _keys_of(evidence: Evidence, partitions: list[str]) -> list[Any]:
    entries = (entry for entry in evidence.source("wrote") if entry["partition"] in partitions)
    return [item["key"] for entry in entries for item in entry["items"]]


@when('it emits for a request of "{resource}" these records, each in a run of its own')
def emits(ask: Asking, resource: str, datatable: list[list[str]]) -> None:
    """One narrowed run of the kit's own connector a record, labelled by the record's key."""
    for record, folder, text in datatable[1:]:
        line = {
            "type": "RECORD",
            "stream": "messages",
            "key": record,
            "data": {"id": record, "folder": folder, "text": text},
            "emitted_at": "2024-01-01T00:00:00Z",
        }
        ask.scripted(record, [line], {"resources": {"messages": [resource]}})


@then('the record "{record}" is stored')
def stored(evidence: Evidence, judge: Judge, record: str) -> None:
    """The run completes and a reader finds the record."""
    run = evidence.run(record)
    keys = [row["key"] for row in run.stored("messages")]
    judge(record in keys, expected=f"record {record!r} of stream 'messages' readable", seen=keys)
    judge(run.outcome["status"] == "completed", expected=f"run {record!r} completed", seen=run.outcome)


@then('the records "{records}" are not stored and their runs show why')
def not_stored(evidence: Evidence, judge: Judge, records: str) -> None:
    """No reader finds them, after any run, and the refusal is visible in the run that emitted them."""
    for record in names(records):
        run = evidence.run(record)
        emitted_keys = [(line.message or {}).get("key") for line in run.said("RECORD")]
        for later in evidence.runs(prior=False):
            keys = [row["key"] for row in later.stored("messages")]
            judge(
                record not in keys, expected=f"record {record!r} of stream 'messages' not readable", seen=keys
            )
        judge(
            record in emitted_keys and _refusal_shows(run.outcome),
            expected=f"a run that shows that record {record!r} of stream 'messages' was refused",
            seen=run.outcome,
        )


def _refusal_shows(outcome: dict[str, Any]) -> bool:
    """A violation, a count of rejected records, a gap, or a run that did not complete."""
    counted = outcome.get("records")
    rejected = counted.get("rejected") if isinstance(counted, dict) else 0
    return bool(
        outcome.get("violation") or rejected or outcome.get("known_gaps") or outcome["status"] != "completed"
    )
