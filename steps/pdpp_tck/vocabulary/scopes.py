"""Sentences about what an owner may ask of a run, and what becomes of the question."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from pdpp_tck.asking import JUDGED, Asking
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then, when

REFUSALS = "refusals"


@when("the owner asks two connections at once for")
def asks_two(ask: Asking, datatable: list[list[str]]) -> None:
    """Runs of several connections, asked for before any has ended."""
    wanted: dict[str, dict[str, Any]] = defaultdict(dict)
    for connection, stream, resources in datatable[1:]:
        wanted[connection][stream] = json.loads(resources)
    ask.together({connection: {"resources": resources} for connection, resources in wanted.items()})


def asked_and_started(evidence: Evidence) -> list[tuple[str, dict[str, Any], dict[str, dict[str, Any]]]]:
    """(connection, resources asked for by stream, START's streams) of each run."""
    return [(run.label, run.asked()["resources"], run.start_streams()) for run in evidence.runs(prior=False)]


@then("each run starts exactly the streams asked for, each with a list of its own")
def own_lists(evidence: Evidence, judge: Judge) -> None:
    """No stream more, none less, and no stream with another stream's or connection's list."""
    for connection, asked, started in asked_and_started(evidence):
        expected = f"connection {connection!r} started with the streams {sorted(asked)}"
        judge(started.keys() == asked.keys(), expected=expected, seen=sorted(started))
        for stream in sorted(asked.keys() & started.keys()):
            got = started[stream].get("resources")
            count = len(got) if isinstance(got, list) else got
            expected = f"{len(asked[stream])} resources for stream {stream!r} of connection {connection!r}"
            judge(count == len(asked[stream]), expected=expected, seen=got)


@then("every identifier reaches the connector byte for byte")
def byte_for_byte(evidence: Evidence, judge: Judge) -> None:
    """Identifiers are nobody's to trim, fold, split or normalise; their order is free."""
    for connection, asked, started in asked_and_started(evidence):
        for stream, resources in asked.items():
            got = started.get(stream, {}).get("resources")
            same = isinstance(got, list) and sorted(map(repr, got)) == sorted(map(repr, resources))
            expected = f"{resources} for stream {stream!r} of connection {connection!r}"
            judge(same, expected=expected, seen=got)


@when('the owner asks for each of these and then for the resource "{resource}" of "{stream}"')
def asks_badly(ask: Asking, resource: str, stream: str, datatable: list[list[str]]) -> None:
    """Requests that make no sense, then one that does, then a count of all that was started."""
    ask.refused(REFUSALS, [f'{{"resources": {row[0]}}}' for row in datatable[1:]])
    ask.run(JUDGED, {"resources": {stream: [resource]}})
    ask.census()


@then("each of these is refused by a typed error")
def refused(evidence: Evidence, judge: Judge) -> None:
    """A status of the 4xx kind and an error with a code and a message."""
    for case in evidence.exchanges(REFUSALS):
        status, body = case.get("status"), case.get("body")
        error = body.get("error") if isinstance(body, dict) else None
        typed = isinstance(error, dict) and bool(error.get("code")) and bool(error.get("message"))
        judge(
            isinstance(status, int) and 400 <= status < 500 and status not in (401, 403, 404, 405) and typed,
            expected=f"{case['sent']} refused as a bad request by an error with code and message",
            seen=f"{status} {body!r}",
        )


@then("no connector was started for any of them")
def none_started(evidence: Evidence, judge: Judge) -> None:
    """Every start that was counted belongs to the right request's run."""
    census = evidence.census()
    started = [case["sent"] for case in evidence.exchanges(REFUSALS) if _run_id(case)]
    judge(not started, expected="no run for a request that makes no sense", seen=started)
    expected = "no start of a connector besides the right request's"
    judge(not census["stray"], expected=expected, seen=f"{census['stray']} of {census['starts']} starts")


def _run_id(case: dict[str, Any]) -> Any:
    body = case.get("body")
    return body.get("run_id") if isinstance(body, dict) else None


@then("the right request starts a run")
def right_starts(evidence: Evidence, judge: Judge) -> None:
    """A host that refuses everything has shown nothing."""
    run = evidence.run(JUDGED)
    streams = run.start_streams()
    judge(bool(streams), expected="a run with streams", seen=streams)
