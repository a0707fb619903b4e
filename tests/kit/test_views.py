"""Views of evidence: whoever owed what is missing is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pdpp_tck.evidence.owing import Owed, Unfed
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.vocabulary.diagnostics import naming, places

START = {
    "type": "START",
    "run_id": "r",
    "collection_mode": "full_refresh",
    "scope": {"streams": [{"name": "messages"}]},
    "state": None,
    "bindings": {},
}


def transcript(*said: dict[str, Any], start: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """A transcript of START and these messages."""
    lines = [("in", json.dumps(start or START)), *(("out", json.dumps(message)) for message in said)]
    lines.append(("exit", '{"status": 0}'))
    return [{"n": n, "t": 0.0, "dir": kind, "line": text} for n, (kind, text) in enumerate(lines, 1)]


def run(label: str, *, prior: bool = False, **content: Any) -> dict[str, Any]:
    """A run's entry, whole unless `content` says otherwise."""
    whole = {
        "asked": {"sent": "{}", "status": 202, "body": {"run_id": "r"}},
        "run_id": "r",
        "outcome": {"status": "completed", "checkpoint": "committed", "known_gaps": []},
        "timeline": {"data": []},
        "stored": {"messages": []},
        "transcripts": [transcript()],
    }
    return {"entry": "run", "label": label, "prior": prior, **whole, **content}


def evidence(*entries: dict[str, Any]) -> Evidence:
    """Evidence of these entries."""
    return Evidence({}, list(entries))


def owed(missing: pytest.ExceptionInfo[Owed]) -> str:
    """Who owed."""
    return missing.value.party


@pytest.mark.parametrize(
    "content",
    [
        {"run_id": None, "asked": {"sent": "{}", "status": 400, "body": {"error": {}}}},
        {"transcripts": []},
        {"transcripts": [transcript(), transcript()]},
        {"transcripts": [[{"n": 1, "t": 0.0, "dir": "out", "line": "{}"}]]},
    ],
)
def test_a_host_owes_one_start_with_a_start_line(content: dict[str, Any]) -> None:
    """Refused, started twice, not at all, or without START: the host's fault."""
    with pytest.raises(Owed) as missing:
        _ = evidence(run("judged", **content)).run("judged").start
    assert owed(missing) == "host"


@pytest.mark.parametrize("outcome", [None, "ConnectError: refused", {"status": "active"}])
def test_a_host_owes_an_end(outcome: Any) -> None:
    """A run that is not shown or never ends is the host's fault."""
    with pytest.raises(Owed) as missing:
        _ = evidence(run("judged", outcome=outcome)).run("judged").outcome
    assert owed(missing) == "host"


@pytest.mark.parametrize(
    ("reason", "party"),
    [("connector_reported_failed", "connector"), ("launch_failed", "host"), (None, "host")],
)
def test_a_run_that_sets_the_scene_has_to_end_well(reason: str | None, party: str) -> None:
    """The terminal reason says who broke it; what comes after cannot be judged."""
    broken = {"status": "failed", "terminal_reason": reason, "checkpoint": "not_committed"}
    with pytest.raises(Owed) as missing:
        evidence(run("before", prior=True, outcome=broken), run("judged")).run("judged")
    assert owed(missing) == party


def test_a_source_owes_a_record_to_the_run_that_needs_one() -> None:
    """None emitted where the scene wants some: nobody knows by whose fault. Later runs may emit nothing."""
    record = {
        "type": "RECORD",
        "stream": "messages",
        "key": "a",
        "data": {},
        "emitted_at": "2024-01-01T00:00:00Z",
    }
    wrote = {"entry": "source", "did": "wrote", "stream": "messages"}
    premise = {"entry": "premise", "fed": "before 1"}
    empty, later = run("before 1", prior=True), run("before 2", prior=True)

    def fed(**other: object) -> dict[str, object]:
        return run("before 1", prior=True, transcripts=[transcript(record | other)])

    for nothing in (empty, fed(stream="folders"), fed(op="delete")):
        assert isinstance(evidence(wrote, nothing, premise, later).unfed(), Unfed)
    assert evidence(wrote, empty, later).unfed() is None
    assert evidence(wrote, fed(), premise, later).unfed() is None


def test_whoever_broke_the_run_is_named_before_its_source() -> None:
    """A run that failed emitted nothing for that very reason."""
    broken = {"status": "failed", "terminal_reason": "connector_reported_failed"}
    premise = {"entry": "premise", "fed": "before 1"}
    seen = evidence(run("before 1", prior=True, outcome=broken), premise, run("judged"))
    assert seen.unfed() is None
    with pytest.raises(Owed) as missing:
        seen.run("judged")
    assert owed(missing) == "connector"


def test_a_withheld_cursor_does_not_set_a_scene() -> None:
    """A host that withholds the state of a whole run is at fault."""
    withheld = {"status": "completed", "checkpoint": "withheld"}
    with pytest.raises(Owed) as missing:
        evidence(run("before", prior=True, outcome=withheld), run("judged")).run("judged")
    assert owed(missing) == "host"


def test_a_connector_owes_state_and_a_host_hands_it_on() -> None:
    """No STATE said: the connector's fault. Said and not in START: the host's."""
    state = {"type": "STATE", "stream": "messages", "cursor": {"n": 1}}
    silent, talking = run("before", prior=True), run("before", prior=True, transcripts=[transcript(state)])
    for before, party in ((silent, "connector"), (talking, "host")):
        seen = evidence(before, run("judged"))
        with pytest.raises(Owed) as missing:
            seen.resumed(seen.run("judged"))
        assert owed(missing) == party
    resumed = run("judged", transcripts=[transcript(start=START | {"state": {"messages": {"n": 1}}})])
    seen = evidence(talking, resumed)
    seen.resumed(seen.run("judged"))


def test_a_partition_is_named_by_a_whole_string_in_a_place() -> None:
    """Values, list elements and object keys count, parts of strings do not."""
    message = {"stream": "s", "a": {"gone": ["team", "x"], "note": "team-2"}, "by": {"team": 1}}
    assert set(places(message, "team")) == {("a", "gone", "[]"), ("by", "{}")}
    assert set(places(message, "team-2")) == {("a", "note")}
    assert set(places(message, "tea")) == set()


def test_a_line_names_a_partition_only_for_its_stream() -> None:
    """A partition of another stream is not this one's."""
    gap = {"type": "SKIP_RESULT", "stream": "files", "diagnostics": {"missing": ["beta"]}}
    view = evidence(run("judged", transcripts=[transcript(gap)])).run("judged")
    assert naming(view.gaps(), "files", "beta")
    assert not naming(view.gaps(), "messages", "beta")


@pytest.mark.parametrize(
    ("message", "is_gap"),
    [
        ({"type": "SKIP_RESULT", "reason": "source_partition_missing"}, True),
        ({"type": "SKIP_RESULT", "reason": "out_of_scope"}, False),
        ({"type": "DETAIL_GAP", "stream": "messages"}, True),
        ({"type": "DONE", "status": "failed", "error": {"message": "m"}}, True),
        ({"type": "DONE", "status": "succeeded"}, False),
        ({"type": "PROGRESS", "message": "beta is missing"}, False),
    ],
)
def test_which_lines_bear_a_gap(message: dict[str, Any], is_gap: bool) -> None:
    """SKIP_RESULT but for informational reasons, DETAIL_GAP, and DONE with an error."""
    view = evidence(run("judged", transcripts=[transcript(message)])).run("judged")
    assert bool(view.gaps()) == is_gap


@pytest.mark.parametrize(
    "spoilt", [{"scope": {"streams": []}}, {"bindings": None}, {"collection_mode": "some"}]
)
def test_a_host_owes_a_start_of_its_shape_and_one(spoilt: dict[str, Any]) -> None:
    """A START that is misshapen, or said twice, is the host's fault and nobody else's."""
    seen = evidence(run("judged", transcripts=[transcript(start=START | spoilt)]))
    with pytest.raises(Owed) as missing:
        assert seen.run("judged").start
    assert owed(missing) == "host"
    twice = transcript()
    again = {**twice[0], "n": 0}
    with pytest.raises(Owed) as missing:
        assert evidence(run("judged", transcripts=[[again, *twice]])).run("judged").start
    assert owed(missing) == "host"
