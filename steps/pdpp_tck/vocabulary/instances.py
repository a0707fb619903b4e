"""Sentences about connections of several paths: whose records show where, what is told of batches."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pdpp_tck.evidence.acquired import (
    Acquired,
    Shown,
    counted,
    counts,
    error_code,
    listed,
    mentioned,
    mentions,
    rows,
    shown,
)
from pdpp_tck.evidence.brought import SCHEDULE, Brought, brought
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then
from pdpp_tck.vocabulary.sources import names

PERHAPS, ALL = "perhaps ", "all that went into it"


@then('every read face of "{connection}" shows exactly "{records}"')
def exactly(evidence: Evidence, judge: Judge, connection: str, records: str) -> None:
    """List, look-up by id, search and count agree, with nothing gone and nothing twice.

    A record `perhaps a` is one that a host may keep or have removed; `all that went into it` are the records
    of those acquisitions that the connection took.
    """
    acquired = Acquired(evidence)
    seen = acquired.faces(connection)
    if records == ALL:
        went = [each for each in acquired.all() if each["connection_id"] == seen["connection_id"]]
        each_once = {(e["way"], name.strip()): name for e in went for name in e["brings"].split(",")}
        records = ", ".join(each_once.values())
    named = [each.strip() for each in records.split(",")]
    sure = ", ".join(each for each in named if not each.startswith(PERHAPS))
    every = ", ".join(each.removeprefix(PERHAPS) for each in named)
    what = f"exactly the records {records or 'none'} of {connection!r}"
    judge_faces(judge, seen, _shown(brought(sure)), _shown(brought(every)), what)


def _shown(records: list[Brought]) -> Shown:
    return Counter((record.key, record.text) for record in records)


def judge_faces(judge: Judge, seen: dict[str, Any], least: Shown, most: Shown, what: str) -> None:
    """The list lies between these bounds, and every other face says what the list says."""
    found = shown(listed(seen), "the list of records")
    judge(least <= found <= most, expected=f"{what} in the list", seen=told(found))
    wanted = found if least != most else least
    single = [each["body"] for each in seen["single"].values() if each["status"] == 200]
    looked_up = shown(single, "a look-up by id")
    judge(looked_up == wanted, expected=f"{what} by id", seen=told(looked_up))
    for text, hits in seen["search"].items():
        hit = Counter(
            {each: n for each, n in shown(hits, "a search").items() if text.lower() in each[1].lower()}
        )
        due = Counter({each: n for each, n in wanted.items() if each[1] == text})
        judge(hit == due, expected=f"{what} in a search for {text!r}", seen=told(hit))
    for stream, rows_ in seen["list"].items():
        total, numbers = len(rows_), list(counted(seen["streams"], stream))
        judge(
            total in numbers or (not total and not numbers),
            expected=f"{what} in the count of {stream}: {total}",
            seen=numbers,
        )


def told(found: Shown) -> str:
    return ", ".join(f"{key} ({text}) {n} times" for (key, text), n in sorted(found.items())) or "nothing"


@then("each acquisition has a batch of its own, with method, provenance and receipt")
def batches(evidence: Evidence, judge: Judge) -> None:
    """The batch is final, tells how and from where it came, and is still in its connection's list."""
    acquired, known = Acquired(evidence), set()
    for entry in acquired.all():
        if refused(entry):
            continue
        batch, name = entry.get("batch"), f"acquisition {entry['called']!r}"
        judge(isinstance(batch, dict), expected=f"a batch of {name}", seen=batch)
        if not isinstance(batch, dict):
            continue
        how = batch.get("provenance")
        expected = f"the method {entry['method']} and a provenance in the batch of {name}"
        tells = isinstance(how, dict) and any(value not in (None, "") for value in how.values())
        judge(bool(batch.get("method") == entry["method"] and tells), expected=expected, seen=batch)
        over = batch.get("status") not in (None, "open", "active") and isinstance(batch.get("counts"), dict)
        judge(over, expected=f"a final receipt of {name}", seen=batch)
        judge(batch.get("batch_id") not in known, expected=f"a batch of its own for {name}", seen=batch)
        known.add(batch.get("batch_id"))
        later = _later(evidence, entry)
        judge(batch in later, expected=f"the batch of {name} in its connection's list later on", seen=later)
        others = Counter(each.get("batch_id") for each in later)
        judge(max(others.values(), default=1) == 1, expected="each batch once", seen=others)
        due = acquired.batches_due(entry["connection_id"])
        judge(len(others) >= due, expected=f"{due} batches of the connection", seen=f"{len(others)} batches")


def _later(evidence: Evidence, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The batches of the connection that an acquisition went to, as they are in the end."""
    looks = [each for each in evidence.entries("faces") if each["connection_id"] == entry["connection_id"]]
    return rows(looks[-1]["batches"], "the list of batches") if looks else []


@then('the claim of "{called}" stands as it was')
def claim(evidence: Evidence, judge: Judge, called: str) -> None:
    """What a batch claimed to cover is as readable in the end as right after it."""
    entry = Acquired(evidence).one(called)
    batch = entry.get("batch") or {}
    claimed = batch.get("coverage")
    judge(bool(claimed), expected=f"a coverage claim of acquisition {called!r}", seen=batch)
    kept = [
        each.get("coverage")
        for each in _later(evidence, entry)
        if each.get("batch_id") == batch.get("batch_id")
    ]
    judge(
        kept == [claimed], expected=f"the claim {claimed!r} of acquisition {called!r} in the end", seen=kept
    )


@then('"{called}" went into "{connection}"')
def went(evidence: Evidence, judge: Judge, called: str, connection: str) -> None:
    """Each of these acquisitions was taken by the connection of that name, and ended well."""
    acquired = Acquired(evidence)
    there = acquired.faces(connection)["connection_id"]
    for name in names(called):
        entry = acquired.one(name)
        expected = f"acquisition {name!r} in the connection {connection!r}"
        judge(entry["connection_id"] == there, expected=expected, seen=entry["configured"])
        if "run_id" not in entry:
            judge(False, expected=f"acquisition {name!r} completed", seen=entry["configured"])
            continue
        outcome = evidence.run(name).outcome
        judge(outcome["status"] == "completed", expected=f"acquisition {name!r} completed", seen=outcome)


@then('"{called}" was refused or went to a connection of its own')
def apart(evidence: Evidence, judge: Judge, called: str) -> None:
    """Creating another connection and asking for one, or for a proof, are both right."""
    for name in names(called):
        acquired = Acquired(evidence)
        entry = acquired.one(name)
        there = acquired.faces(entry["into"])["connection_id"]
        alone = isinstance(entry["connection_id"], str) and entry["connection_id"] != there
        expected = f"acquisition {name!r} refused by a typed error, or in a connection of its own"
        answer = entry["configured"]
        judge(refused(entry) or alone, expected=expected, seen=[answer.get("status"), answer.get("body")])


@then('"{called}" went into "{connection}", where the host lets it')
def permitted(evidence: Evidence, judge: Judge, called: str, connection: str) -> None:
    """A host that refuses it by a typed error, or lets it go on apart, leaves a permission unused."""
    acquired = Acquired(evidence)
    entry, there = acquired.one(called), acquired.faces(connection)["connection_id"]
    if refused(entry) or entry["connection_id"] != there:
        judge.inapplicable(f"acquisition {called!r} stays out of {connection!r}, which is permitted too")
        return
    went(evidence, judge, called, connection)


def refused(entry: dict[str, Any]) -> bool:
    """Whether the path of an acquisition was refused by a typed error."""
    answer = entry["configured"]
    return 400 <= (answer.get("status") or 0) < 500 and bool(error_code(answer.get("body")))


@then('the bytes of "{first}" are recognised in "{second}"')
def recognised(evidence: Evidence, judge: Judge, first: str, second: str) -> None:
    """The same artifact once more starts nothing: the answer is the first receipt, and no batch is added."""
    acquired = Acquired(evidence)
    one, two = acquired.one(first), acquired.one(second)
    answer = (two.get("asked") or {}).get("body")
    known = mentions(answer, str(one.get("run_id"))) or mentions(
        answer, str((one.get("batch") or {}).get("batch_id"))
    )
    judge(known, expected=f"the receipt of {first!r} as the answer to {second!r}", seen=answer)
    kept = _later(evidence, one)
    brought_ = [each for each in acquired.all() if each["connection_id"] == one["connection_id"]]
    judge(len(kept) == len(brought_) - 1, expected="no batch for bytes that were there", seen=kept)


@then('"{connection}" names "{other}" and the proof, where that took "{called}"')
def superseded(evidence: Evidence, judge: Judge, connection: str, other: str, called: str) -> None:
    """Its diagnostics tell where collecting goes on, and by which rule."""
    acquired = Acquired(evidence)
    there = acquired.faces(other)["connection_id"]
    if acquired.one(called)["connection_id"] != there:
        judge.inapplicable(f"acquisition {called!r} stays out of {other!r}, which is permitted too")
        return
    said, rule = acquired.faces(connection)["diagnostics"], acquired.rule()
    judge(mentions(said, there), expected=f"{there!r} in the diagnostics of {connection!r}", seen=said)
    # Rules that are in force may be told of everybody: whom one concerns tells more of it.
    elsewhere = acquired.unconcerned(connection, other)
    often = max((mentioned(each["diagnostics"], rule) for each in elsewhere), default=0)
    expected = f"the proof by {rule!r} in the diagnostics of {connection!r}"
    judge(mentioned(said, rule) > often, expected=expected, seen=said)


@then("each run starts from the cursor that its path left in its connection")
def own_cursors(evidence: Evidence, judge: Judge) -> None:
    """START carries what the path's last completed run there had said, nothing where there is none."""
    left: dict[tuple[str, str], Any] = {}
    for entry in Acquired(evidence).all():
        if entry["method"] == "owner_artifact":
            continue
        run, path = evidence.run(entry["called"]), (entry["connection_id"], entry["way"])
        state, wanted = run.start.get("state"), left.get(path)
        expected = f"{wanted!r} in START.state of run {entry['called']!r}"
        judge(state == wanted, expected=expected, seen=state)
        if run.outcome["status"] == "completed":
            left[path] = {"messages": {"mark": entry["called"]}}


@then('nothing of "{connection}" stands in the schedule and the diagnostics of "{other}"')
def told_apart_there(evidence: Evidence, judge: Judge, connection: str, other: str) -> None:
    """Neither its schedule nor its runs, and not its id."""
    acquired = Acquired(evidence)
    own, foreign = acquired.faces(connection), acquired.faces(other)
    judge(counts(own["detail"], SCHEDULE), expected=f"the schedule of {connection!r}", seen=own["detail"])
    there = {face: foreign[face] for face in ("detail", "diagnostics", "state")}
    scheduled = counts(there["detail"], SCHEDULE)
    judge(not scheduled, expected=f"no schedule of {other!r}", seen=there["detail"])
    runs = [
        e["run_id"] for e in acquired.all() if e["connection_id"] == own["connection_id"] and e.get("run_id")
    ]
    for what in (own["connection_id"], *runs):
        expected = f"nothing of {what!r} in the diagnostics of {other!r}"
        judge(not mentions(there, what), expected=expected, seen=there)
