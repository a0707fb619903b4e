"""`folder` within a scope: streams, resources, fields and windows of time (PR-03)."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from folder_runs import Folder, message, reaction


@pytest.fixture
def filled(folder: Folder) -> Folder:
    """Two channels with two messages each, and a reaction."""
    for channel in ("a", "b"):
        folder.add(channel, message(1), message(2, reply_to="m1"))
    folder.add("a", reaction(1), stream="reactions")
    return folder


def test_only_the_named_streams(filled: Folder) -> None:
    """A stream that the scope does not name is not spoken of."""
    run = filled.run(messages={})
    assert len(run.keys()) == 4
    assert {m["stream"] for m in run.lines if "stream" in m} == {"messages"}


def test_resources_by_channel_and_by_key(filled: Folder) -> None:
    """PR-03.1: a record is inside when its channel is listed, or its key as compact JSON is."""
    assert filled.run(messages={"resources": ["a"]}).keys() == ["a/m1", "a/m2"]
    assert filled.run(messages={"resources": ['["b","m2"]']}).keys() == ["b/m2"]
    assert filled.run(messages={"resources": ["a", '["b","m1"]']}).keys() == ["a/m1", "a/m2", "b/m1"]
    assert filled.run(messages={"resources": ['["b", "m2"]', "A", " a", '["', "[1]"]}).keys() == []


def test_resources_byte_for_byte(folder: Folder) -> None:
    """Spaces, accents, commas and brackets in identifiers match as they are."""
    for channel in ("été, 2", '["a","b"]', "été"):
        folder.add(channel, message("ü"))
    assert folder.run(messages={"resources": ["été, 2"]}).keys() == ["été, 2/mü"]
    assert folder.run(messages={"resources": ['["été","mü"]']}).keys() == ["été/mü"]
    assert folder.run(messages={"resources": ['["a","b"]']}).keys() == ['["a","b"]/mü']


def test_each_stream_has_its_own_list(filled: Folder) -> None:
    """Two streams with different lists are narrowed each by its own."""
    run = filled.run(messages={"resources": ["b"]}, reactions={"resources": ["a"]})
    assert run.keys() == ["b/m1", "b/m2"]
    assert run.keys("reactions") == ["a/r1"]


@pytest.mark.parametrize("scope", [{"resources": ["a"]}, {"fields": ["text"]}], ids=["resources", "fields"])
def test_narrowed_streams_stage_no_cursor(filled: Folder, scope: dict[str, Any]) -> None:
    """A stream narrowed by resources or fields stages no cursor; another stream of the run does."""
    assert filled.run(messages=scope, reactions={}).state.keys() == {"reactions"}


def test_narrowed_run_is_silent_about_the_rest(filled: Folder) -> None:
    """A run for one channel says nothing of missing, malformed or linked channels outside it."""
    filled.add("c", message(1))
    state = filled.run().state
    shutil.rmtree(filled.root / "b")
    filled.add("c").write_text("{not json}\n")
    (filled.root / "out").symlink_to(filled.root.parent)
    assert filled.run(state, messages={"resources": ["a"]}).skips() == {}
    assert filled.run(state, messages={"resources": ["b"]}).missing() == ["b"]
    assert filled.run(state, messages={"resources": ['["b","m1"]']}).missing() == ["b"]
    assert filled.run(state, messages={"fields": ["text"]}).missing() == ["b"]


def test_fields(filled: Folder) -> None:
    """Fields that are neither asked for nor demanded by the schema are left out."""
    run = filled.run(messages={"fields": ["text", "nonsense"]})
    assert run.said("RECORD")[1]["data"].keys() == {"channel", "id", "at", "author", "text"}
    run = filled.run(messages={"fields": ["reply_to"]})
    assert run.said("RECORD")[1]["data"]["reply_to"] == "m1"


def test_time_range(folder: Folder) -> None:
    """A window holds its first instant and not its last, whatever the offset; no time is outside."""
    times = {
        "before": "2025-12-31T23:59:59.999999999Z",
        "since": "2026-01-01T01:00:00+01:00",
        "inside": "2025-12-31t20:00:01-05:00",
        "last": "2026-01-31T23:59:59.9999Z",
        "until": "2026-02-01T00:00:00.000Z",
        "no-offset": "2026-01-15T00:00:00",
        "no-time": "soon",
        "no-day": "2026-01-32T00:00:00Z",
    }
    folder.add("a", *(message(name, at) for name, at in times.items()))
    window = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T02:00:00+02:00"}
    assert folder.run(messages={"time_range": window}).keys() == ["a/msince", "a/minside", "a/mlast"]
    assert len(folder.run(messages={"time_range": {"since": window["since"]}}).keys()) == 4
    assert folder.run(messages={"time_range": {"until": window["since"]}}).keys() == ["a/mbefore"]
    assert len(folder.run(messages={"time_range": {}}).keys()) == len(times)


def test_window_alone_stages_its_cursor(filled: Folder) -> None:
    """A window may be the path's own boundary, so a run that has only a window stages its cursor."""
    window = {"time_range": {"since": "2027-01-01T00:00:00Z"}}
    run = filled.run(messages=window)
    assert run.keys() == []
    assert run.state["messages"]["window"] == window["time_range"]
    filled.add("a", message(3, at="2027-01-01T00:00:00Z"))
    assert filled.run(run.state, messages=window).keys() == ["a/m3"]


def test_resource_run_resumes_from_the_cursor(filled: Folder) -> None:
    """A narrowed run is sent the stream's cursor and emits only what is new inside its resources."""
    state = filled.run().state
    filled.add("a", message(3))
    filled.add("b", message(3))
    assert filled.run(state, messages={"resources": ["b"]}).keys() == ["b/m3"]
    assert filled.run(state, messages={}).keys() == ["a/m3", "b/m3"]


def test_unknown_stream(filled: Folder) -> None:
    """A stream that the connector does not have is named as not collected; the others are collected."""
    run = filled.run(messages={}, likes={})
    assert len(run.keys()) == 4
    assert run.skips("likes").keys() == {"stream_unknown"}
    assert run.state.keys() == {"messages"}


@pytest.mark.parametrize(
    "scope",
    [
        {"resources": "a"},
        {"resources": [1]},
        {"fields": {}},
        {"time_range": "2026"},
        {"time_range": {"since": 5}},
        {"time_range": {"until": "2026-01-01"}},
    ],
    ids=str,
)
def test_scope_that_is_not_one(filled: Folder, scope: dict[str, Any]) -> None:
    """A bound that cannot be understood is not widened: the run fails and emits nothing."""
    run = filled.run(messages=scope)
    assert [m["type"] for m in run.lines] == ["DONE"]
    assert run.done["error"]["code"] == "start_not_understood"
