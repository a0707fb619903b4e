"""Sentences about what a connector and a host say is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pdpp_tck.asking import JUDGED, Asking
from pdpp_tck.evidence.transcripts import Line
from pdpp_tck.evidence.views import Evidence, RunView
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then, when
from pdpp_tck.vocabulary.sources import names

LINE_LIMIT = 64 * 1024
Place = tuple[str, ...]


@when("it reports in these runs")
def reports(ask: Asking, datatable: list[list[str]]) -> None:
    """Runs of the kit's own connector: whole, or with a line for the missing partitions."""
    for run, stream, missing in datatable[1:]:
        ask.scripted(run, [missing_line(stream, names(missing))] if stream else [])


def missing_line(stream: str, partitions: list[str]) -> dict[str, Any]:
    """The line by which our connectors say that partitions are missing."""
    return {
        "type": "SKIP_RESULT",
        "stream": stream,
        "reason": "source_partition_missing",
        "message": f"{len(partitions)} partitions were read before and are gone",
        "diagnostics": {
            "missing_partitions": partitions,
            "missing_count": len(partitions),
            "truncated": False,
        },
    }


def places(value: Any, wanted: str, at: Place = ()) -> Iterator[Place]:
    """Where in a message a partition is named, as whole strings; positions in lists do not count."""
    if value == wanted:
        yield at
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == wanted:
                yield (*at, "{}")
            yield from places(part, wanted, (*at, name))
    elif isinstance(value, list):
        for part in value:
            yield from places(part, wanted, (*at, "[]"))


def naming(lines: list[Line], stream: str, partition: str) -> list[tuple[Line, set[Place]]]:
    """The lines that name the partition for this stream, and where in them."""
    found = []
    for line in lines:
        message = line.message or {}
        affected = set(places(message, stream))
        named = set(places(message, partition))
        if affected and named:
            found.append((line, named))
    return found


def written_stream(evidence: Evidence, partition: str) -> str:
    """The stream in which the source's partition comes out."""
    return next(str(e["stream"]) for e in evidence.source("wrote") if e["partition"] == partition)


def said_of_gaps(run: RunView) -> list[str]:
    """What the connector said of gaps in a run, for a failure to show."""
    return [line.text for line in run.gaps()] or ["no line about a gap"]


@then('the connector says in bounded lines that "{partition}" is missing')
def says_missing(evidence: Evidence, judge: Judge, partition: str) -> None:
    """Some gap-bearing line names stream and partition, and none is longer than 64 KiB."""
    run = evidence.run(JUDGED)
    stream = written_stream(evidence, partition)
    judge(
        bool(naming(run.gaps(), stream, partition)),
        expected=f"a line that reports partition {partition!r} of stream {stream!r} missing",
        seen=said_of_gaps(run),
    )
    longest = max(run.gaps(), key=lambda line: len(line.text), default=None)
    if longest is not None:
        size = len(longest.text.encode())
        judge(size <= LINE_LIMIT, expected=f"lines of at most {LINE_LIMIT} bytes", seen=size, line=longest)


@then('what it says names "{partition}" and repeats nothing of its content')
def names_only(evidence: Evidence, judge: Judge, partition: str) -> None:
    """The partition's key shows in what is said of the run, its records' texts do not."""
    run = evidence.run(JUDGED)
    stream = written_stream(evidence, partition)
    named = naming(run.gaps(), stream, partition)
    judge(
        bool(named),
        expected=f"the key of partition {partition!r} of stream {stream!r} in a line about a gap",
        seen=said_of_gaps(run),
    )
    lines = (line for line in run.transcript.lines if line.direction in ("out", "err"))
    said = [line.text for line in lines if line.type != "RECORD"]
    shown = json.dumps([run.outcome, run.timeline], ensure_ascii=False)
    for entry in evidence.source("wrote"):
        for item in entry["items"]:
            told = [text for text in (*said, shown) if item["secret"] in text]
            judge(not told, expected=f"nothing of record {item['ident']!r}'s content", seen=told)
    _collected_once(evidence, judge, partition)


def _collected_once(evidence: Evidence, judge: Judge, partition: str) -> None:
    """The texts looked for did pass through an earlier run, so that their absence means something."""
    text = json.dumps([[line.message for line in run.said("RECORD")] for run in evidence.runs(prior=True)])
    entries = (e for e in evidence.source("wrote") if e["partition"] == partition)
    secrets = [item["secret"] for entry in entries for item in entry["items"]]
    judge(
        all(secret in text for secret in secrets),
        expected=f"the records of partition {partition!r} in the run before",
        seen=f"{sum(secret in text for secret in secrets)} of {len(secrets)}",
    )


@then("its run is not a clean complete run")
def not_clean(evidence: Evidence, judge: Judge) -> None:
    """A gap-bearing line, or an end that is not succeeded."""
    run = evidence.run(JUDGED)
    done = [line.message or {} for line in run.said("DONE")]
    succeeded = [message.get("status") for message in done] == ["succeeded"]
    clean = succeeded and run.transcript.exit_status == 0 and not run.gaps()
    judge(not clean, expected="a line about a gap, or an end that is not succeeded", seen=said_of_gaps(run))


@then('"{partitions}" are never named as missing')
def never_named(evidence: Evidence, judge: Judge, partitions: str) -> None:
    """No present partition stands where a missing one is named, nor in any gap of an unchanged source."""
    run = evidence.run(JUDGED)
    removed = [str(entry["partition"]) for entry in evidence.source("removed")]
    for present in names(partitions):
        stream = written_stream(evidence, present)
        where = {p for gone in removed for _, at in naming(run.gaps(), stream, gone) for p in at}
        for line, at in naming(run.gaps(), stream, present):
            blamed = bool(at & where) or not any(places(line.message, gone) for gone in removed)
            expected = f"partition {present!r} of stream {stream!r}, which is present, not reported missing"
            judge(not blamed, expected=expected, seen=line.text, line=line)
        for earlier in evidence.runs(prior=True):
            wrong = naming(earlier.gaps(), stream, present)
            expected = f"partition {present!r} of stream {stream!r} in no gap of an unchanged source"
            judge(not wrong, expected=expected, seen=[line.text for line, _ in wrong])


@then('"{partition}" is not named in the run of "{label}"')
def not_named(evidence: Evidence, judge: Judge, partition: str, label: str) -> None:
    """A narrowed run keeps quiet about what it was not asked for, and does take place."""
    run = evidence.run(label)
    run.scoped()
    wrong = naming(run.gaps(), written_stream(evidence, partition), partition)
    expected = f"no line about partition {partition!r} in a run of {label!r} alone"
    judge(not wrong, expected=expected, seen=[line.text for line, _ in wrong])
    judge(bool(run.said("DONE")), expected=f"a run of {label!r} that ends with DONE", seen=said_of_gaps(run))


@then('"{partitions}" are in no line about what is missing')
def in_no_line(evidence: Evidence, judge: Judge, partitions: str) -> None:
    """None of the partitions is named in a line about a gap."""
    run = evidence.run(JUDGED)
    for partition in names(partitions):
        wrong = naming(run.gaps(), written_stream(evidence, partition), partition)
        expected = f"partition {partition!r} not reported missing from a source that cannot be listed"
        judge(not wrong, expected=expected, seen=[line.text for line, _ in wrong])


@then('"{partition}" is named as missing')
def named_missing(evidence: Evidence, judge: Judge, partition: str) -> None:
    """The connector does report the partition that is gone."""
    run = evidence.run(JUDGED)
    stream = written_stream(evidence, partition)
    judge(
        bool(naming(run.gaps(), stream, partition)),
        expected=f"partition {partition!r} of stream {stream!r} reported missing",
        seen=said_of_gaps(run),
    )


@then('the owner sees of the run "{label}" what is missing from "{stream}"')
def owner_sees(evidence: Evidence, judge: Judge, label: str, stream: str) -> None:
    """The run's gaps name the stream and every partition that the connector named."""
    script = [
        line for entry in evidence.source("scripted") for line in entry["lines"] if line["stream"] == stream
    ]
    gaps = evidence.run(label).known_gaps()
    for partition in script[0]["diagnostics"]["missing_partitions"]:
        shown = [gap for gap in gaps if any(places(gap, stream)) and any(places(gap, partition))]
        judge(
            bool(shown),
            expected=f"a gap of run {label!r} that names stream {stream!r} and partition {partition!r}",
            seen=gaps,
        )


@then('the owner sees no gap of the run "{label}"')
def owner_sees_none(evidence: Evidence, judge: Judge, label: str) -> None:
    """A whole run shows no gap, so that a gap that is shown means something."""
    run = evidence.run(label)
    judge(run.outcome["status"] == "completed", expected=f"run {label!r} completed", seen=run.outcome)
    judge(not run.known_gaps(), expected=f"no gap of run {label!r}", seen=run.known_gaps())
