"""Sentences about how connections are doing."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from pdpp_tck.asking import Asking
from pdpp_tck.evidence.summarised import Row, Summarised, listed, row_of
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, then, when
from pdpp_tck.vocabulary.sources import names

OVERVIEW = ("connection_health", "freshness", "retained", "rendered_verdict", "next_action")


def _rows(table: list[list[str]]) -> list[dict[str, str]]:
    head, *body = table
    return [dict(zip(head, row, strict=True)) for row in body]


@given("the time stands still, and there are the connections")
def connections(scene: Scene, datatable: list[list[str]]) -> None:
    """Connections of the kit's own connector, perhaps with a profile key, records, or something broken."""
    scene.summaries.freeze()
    for row in _rows(datatable):
        scene.summaries.connect(row["connection"], row.get("key", ""))
        if row.get("records"):
            scene.summaries.fill(row["connection"], int(row["records"]))


@given("the finished runs")
def runs(scene: Scene, datatable: list[list[str]]) -> None:
    """Runs that the stage puts there, with the events that they left."""
    for row in _rows(datatable):
        scene.summaries.run(row)


@given('the {part} of "{connection}" is broken')
def broken(scene: Scene, part: str, connection: str) -> None:
    """Its deep history, or its evidence, cannot be read; what was known before is known."""
    scene.summaries.spoil("history" if part == "deep history" else part, connection)


@when("the owner reads all connections, and each of them alone")
def reads(ask: Asking) -> None:
    """The full list, the scoped read, the detail and the diagnostics."""
    ask.summaries("")


@when("every write is denied and the owner reads at")
def reads_at(ask: Asking, datatable: list[list[str]]) -> None:
    """The clock is put to each moment; nothing else changes."""
    ask.summaries(*(row[0] for row in datatable[1:]), denied=True)


@when('every write is denied and the owner reads while the carrier of "{connection}" is')
def reads_while(ask: Asking, connection: str, datatable: list[list[str]]) -> None:
    """The process that carries its run; the clock stands still."""
    ask.carried(connection, [row[0] for row in datatable[1:]])


@when("the owner reads the list at these sizes, once nothing is left to be folded")
def sizes(ask: Asking, datatable: list[list[str]]) -> None:
    """Connections in all, and records in each new one; the stage traces what the reads ask."""
    ask.sizes([(int(number), int(each)) for number, each in datatable[1:]])


@when("the owner looks after each of these changes")
def changes(ask: Asking, datatable: list[list[str]]) -> None:
    """The time stands still: what shows a change shows it because it happened."""
    ask.changes([row[0] for row in datatable[1:]])


@then('the last run of "{connection}" is "{called}"')
def last_run(evidence: Evidence, judge: Judge, connection: str, called: str) -> None:
    """And nobody else's; `nobody's` is none at all."""
    seen = Summarised(evidence)
    found = seen.run_of(connection, "last_run")
    wanted = None if called == "nobody's" else seen.run(called)
    got = None if found is None else found.get("run_id")
    judge(got == wanted, expected=f"the run {called!r} ({wanted}) as last_run of {connection!r}", seen=found)


@then('the last successful run of "{connection}" is "{called}"')
def last_success(evidence: Evidence, judge: Judge, connection: str, called: str) -> None:
    """By the same rule as the last run."""
    seen = Summarised(evidence)
    found = seen.run_of(connection, "last_successful_run")
    wanted = None if called == "nobody's" else seen.run(called)
    got = None if found is None else found.get("run_id")
    expected = f"the run {called!r} ({wanted}) as last_successful_run of {connection!r}"
    judge(got == wanted, expected=expected, seen=found)


@then('the last run of "{connection}" failed for "{reason}"')
def failed_for(evidence: Evidence, judge: Judge, connection: str, reason: str) -> None:
    """The reason that an owner is shown; for `nothing that was told` it is none that another run has."""
    seen = Summarised(evidence)
    found = seen.run_of(connection, "last_run") or {}
    shown = found.get("failure_reason")
    expected = f"the failure_reason {reason!r} of the last run of {connection!r}"
    right = shown not in seen.told() if reason == "nothing that was told" else shown == reason
    judge(bool(found) and right, expected=expected, seen=found)


@then("the list tells how each connection does, as the scoped read does")
def agree(evidence: Evidence, judge: Judge) -> None:
    """What both have is equal; the list has health, freshness, sizes, verdict and next action."""
    seen = Summarised(evidence)
    rows = seen.rows()
    judge(bool(rows), expected="rows in the list", seen=rows)
    for name in seen.look()["ids"]:
        _overview(seen, judge, name)
        _equal(seen, judge, name)


def _overview(seen: Summarised, judge: Judge, name: str) -> None:
    """Each row has all that an overview tells, and the sizes are those of what was put there."""
    for row in _twice(seen, name):
        lacking = [field for field in OVERVIEW if field not in row]
        judge(not lacking, expected=f"{', '.join(OVERVIEW)} in the row of {name!r}", seen=lacking)
        held, retained = seen.look()["held"].get(name, 0), row.get("retained") or {}
        judge(retained.get("records") == held, expected=f"{held} records retained of {name!r}", seen=retained)


def _equal(seen: Summarised, judge: Judge, name: str) -> None:
    alone = seen.alone(name, "scoped")
    for row in _twice(seen, name):
        both = row.keys() & alone.keys()
        different = {field: (row[field], alone[field]) for field in both if row[field] != alone[field]}
        judge(not different, expected=f"equal fields of {name!r} in list and scoped read", seen=different)


def _twice(seen: Summarised, name: str) -> list[Row]:
    return [seen.row(name, which=which) for which in ("list", "again")]


@then('"{connection}" alone shows its success behind "{failures}", with their reasons')
def deep(evidence: Evidence, judge: Judge, connection: str, failures: str) -> None:
    """Detail and diagnostics have runs with terminal reasons, and the success that lies far behind."""
    seen = Summarised(evidence)
    success, failed = seen.run("success"), seen.run(failures)
    for what in ("detail", "diagnostics"):
        body = seen.alone(connection, what)
        told = str(body)
        judge(success in told, expected=f"the success {success} in the {what} of {connection!r}", seen=body)
        reasons = [run.get("terminal_reason") for run in body.get("runs") or () if isinstance(run, dict)]
        judge(
            "run_timed_out" in reasons, expected=f"the reasons of {failures!r} ({failed}) there", seen=reasons
        )


@then('nothing is told of "{connection}" in depth, and all else is told')
def errs(evidence: Evidence, judge: Judge, connection: str) -> None:
    """Detail and diagnostics err; the list answers, with the others as they are."""
    seen = Summarised(evidence)
    for what in ("detail", "scoped", "diagnostics"):
        status, body = seen.answer(connection, what)
        judge(status >= 400, expected=f"an error for the {what} of {connection!r}", seen=[status, body])
    rows = {row.get("connection_id") for row in seen.rows()}
    ids = seen.look()["ids"]
    judge(
        set(ids.values()) <= rows,
        expected="a row of every connection in the list",
        seen=sorted(map(str, rows)),
    )
    for name in ids:
        _overview(seen, judge, name)
    for name in ids.keys() - {connection}:
        detail = seen.answer(name, "detail")
        judge(detail[0] == 200, expected=f"the detail of {name!r}", seen=detail)
        _equal(seen, judge, name)


@then('"{connection}" is not well, and the others are as they were')
def isolated(evidence: Evidence, judge: Judge, connection: str) -> None:
    """One that cannot be made out stops no other."""
    seen = Summarised(evidence)
    states = {name: _state(seen.row(name)) for name in seen.look()["ids"]}
    judge(states.pop(connection) != "healthy", expected=f"{connection!r} not healthy", seen=states)
    judge(set(states.values()) == {"healthy"}, expected="the others healthy", seen=states)


def _state(row: Row) -> Any:
    health = row.get("connection_health")
    return health.get("state") if isinstance(health, dict) else None


@then("each change shows in the very next look")
def shows(evidence: Evidence, judge: Judge) -> None:
    """The row differs from the one before, in the list and alone, and tells the sizes that there are."""
    looks = list(evidence.entries("summaries"))
    Summarised(evidence).ready()
    name = next(iter(looks[0]["ids"]))
    for before, after in pairwise(looks):
        moment = after["moment"]
        rows = [row_of(look, name) for look in (before, after)]
        alone = [listed(look["alone"][name]["scoped"])[0] for look in (before, after)]
        for where, (one, two) in (("list", rows), ("scoped read", alone)):
            changed = _without_runs(one, moment) != _without_runs(two, moment)
            judge(changed, expected=f"another row of {name!r} in the {where} after {moment}", seen=two)
            held, retained = after["held"].get(name, 0), two.get("retained") or {}
            expected = f"{held} records retained of {name!r} after {moment}"
            judge(retained.get("records") == held, expected=expected, seen=retained)


def _without_runs(row: Row, change: str) -> Row:
    """For a change that comes with a run and is not that run: what else the row tells."""
    told_by_runs = ("last_run", "last_successful_run", "runs", "last_success") if change == "a gap" else ()
    return {field: value for field, value in row.items() if field not in told_by_runs}


@then('"{connection}" is "{statuses}" at these moments, in the list and alone')
def freshness(evidence: Evidence, judge: Judge, connection: str, statuses: str) -> None:
    """Freshness follows the clock alone, up to the threshold and past it."""
    Summarised(evidence).ready()
    seen = Summarised(evidence)
    for look, wanted in zip(evidence.entries("summaries"), names(statuses), strict=True):
        moment = look["moment"]
        for row in (seen.row(connection, moment), seen.alone(connection, "scoped", moment)):
            told = row.get("freshness") or {}
            expected = f"{connection!r} {wanted} at {moment}"
            judge(told.get("status") == wanted, expected=expected, seen=told)


@then('verdict and next action of "{connection}" change with it')
def verdicts(evidence: Evidence, judge: Judge, connection: str) -> None:
    """What the owner is shown and told to do is another at the end than at the beginning."""
    looks = [look["moment"] for look in evidence.entries("summaries")]
    first, last = (Summarised(evidence).row(connection, looks[n]) for n in (0, -1))
    for field in ("rendered_verdict", "next_action"):
        judge(
            first.get(field) != last.get(field),
            expected=f"another {field} than {first.get(field)}",
            seen=last,
        )
