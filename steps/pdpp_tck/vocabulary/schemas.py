"""Sentences about the schema of a storage, as the stage shows it."""

from __future__ import annotations

from typing import Any

from pdpp_tck.asking import Asking
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, then, when

STARTS = ("as new", "after an older revision", "after its indexes were lost")
BEFORE = ("an older revision", "its indexes lost")
LEADING = ({"source_kind", "source_id"}, {"run_id", "occurred_at"})
RUN_BEARING = "run_id IS NOT NULL"


@given("a spine of {events:d} events, in runs of {sources:d} sources")
def spine(scene: Scene, events: int, sources: int) -> None:
    """Events that the stage appends; some belong to no run."""
    scene.fill_spine(events, sources)


@when("the host starts on it as new, as one of an older revision, and as one that lost its indexes")
def starts(ask: Asking) -> None:
    """What a host does when it starts, each time followed by a look; before the later ones a look as well."""
    ask.schema("look", STARTS[0])
    ask.schema("age", BEFORE[0])
    shown = ask.schema("start", STARTS[1])
    for name in [index["name"] for index in shown.get("indexes", ()) if serves(index)]:
        ask.schema("lose", BEFORE[1], index=name)
    ask.schema("start", STARTS[2])


def serves(index: dict[str, Any]) -> bool:
    """Whether an index leads from a source to its runs: any name, any order within each pair of columns."""
    columns = index.get("columns") or []
    led = all(set(columns[2 * n : 2 * n + 2]) == pair for n, pair in enumerate(LEADING))
    return bool(led and index.get("usable") and index.get("where") in (None, RUN_BEARING))


@then("each time an index leads from source kind and id to run and time")
def leads(evidence: Evidence, judge: Judge) -> None:
    """Of all events or of those that have a run; one that is not valid serves nobody."""
    for moment in STARTS:
        indexes = evidence.schema(moment)["indexes"]
        seen = [f"{i['name']}({', '.join(i['columns'])})" for i in indexes if i["table"] == "spine_events"]
        judge(any(map(serves, indexes)), expected=f"a usable index of a source's runs {moment}", seen=seen)


@then("each time the runs of a source are grouped through it")
def grouped(evidence: Evidence, judge: Judge) -> None:
    """The planner takes such an index and reads no table of events whole."""
    for moment in STARTS:
        shown = evidence.schema(moment)
        fit = {index["name"] for index in shown["indexes"] if serves(index)}
        used, scanned = set(shown["grouped_by"]), shown["scanned"]
        expected = f"a source's runs grouped through one of {sorted(fit)} {moment}"
        judge(bool(fit & used) and not scanned, expected=expected, seen=[sorted(used), scanned])


@then("it was not there before the later starts")
def was_gone(evidence: Evidence, judge: Judge) -> None:
    """An older revision, and a database that lost it, had no such index until the host started."""
    for moment in BEFORE:
        there = [index["name"] for index in evidence.schema(moment)["indexes"] if serves(index)]
        judge(not there, expected=f"no index of a source's runs in {moment}", seen=there)
