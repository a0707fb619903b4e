"""Sentences about connections of several paths: whose records show where, what is told of batches."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pdpp_tck.evidence.acquired import (
    Acquired,
    Shown,
    counted,
    error_code,
    legible,
    listed,
    mentions,
    rows,
    shown,
    told_apart,
)
from pdpp_tck.evidence.brought import Brought, brought
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then
from pdpp_tck.vocabulary.sources import names

INTERNALS = frozenset(
    {"method", "batch", "batch_id", "path", "artifact", "artifact_sha256", "binding", "provenance", "seen_by"}
)

PERHAPS = "perhaps "


@then('every read face of "{connection}" shows exactly "{records}"')
def exactly(evidence: Evidence, judge: Judge, connection: str, records: str) -> None:
    """List, look-up by id, search and count agree, with nothing gone and nothing twice.

    A record `perhaps a` is one that a host may keep or have removed.
    """
    named = [each.strip() for each in records.split(",")]
    sure = ", ".join(each for each in named if not each.startswith(PERHAPS))
    every = ", ".join(each.removeprefix(PERHAPS) for each in named)
    what = f"exactly the records {records or 'none'} of {connection!r}"
    _faces(judge, Acquired(evidence).faces(connection), _shown(brought(sure)), _shown(brought(every)), what)


@then('every read face of "{connection}" shows exactly what went into it')
def what_went(evidence: Evidence, judge: Judge, connection: str) -> None:
    """The same for what was brought by acquisitions that this connection took."""
    acquired = Acquired(evidence)
    seen = acquired.faces(connection)
    went = [each for each in acquired.all() if each["connection_id"] == seen["connection_id"]]
    judge(bool(went), expected=f"an acquisition that went into {connection!r}", seen=acquired.all())
    wanted = _shown([record for each in went for record in brought(each["brings"])])
    names_ = ", ".join(str(each["called"]) for each in went)
    _faces(judge, seen, wanted, wanted, f"exactly what {names_} brought to {connection!r}")


def _shown(records: list[Brought]) -> Shown:
    return Counter((record.key, record.text) for record in records)


def _faces(judge: Judge, seen: dict[str, Any], least: Shown, most: Shown, what: str) -> None:
    """The list lies between these bounds, and every other face says what the list says."""
    found = shown(listed(seen), "the list of records")
    judge(least <= found <= most, expected=f"{what} in the list", seen=_told(found))
    wanted = found if least != most else least
    single = [each["body"] for each in seen["single"].values() if each["status"] == 200]
    looked_up = shown(single, "a look-up by id")
    judge(looked_up == wanted, expected=f"{what} by id", seen=_told(looked_up))
    for text, hits in seen["search"].items():
        hit = Counter(
            {each: n for each, n in shown(hits, "a search").items() if text.lower() in each[1].lower()}
        )
        due = Counter({each: n for each, n in wanted.items() if each[1] == text})
        judge(hit == due, expected=f"{what} in a search for {text!r}", seen=_told(hit))
    for stream, rows_ in seen["list"].items():
        total, numbers = len(rows_), list(counted(seen["streams"], stream))
        judge(
            total in numbers or (not total and not numbers),
            expected=f"{what} in the count of {stream}: {total}",
            seen=numbers,
        )


def _told(found: Shown) -> str:
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
        told = batch.get("provenance")
        expected = f"the method {entry['method']} and a provenance in the batch of {name}"
        tells = isinstance(told, dict) and any(value is not None and value != "" for value in told.values())
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
    told = batch.get("coverage")
    judge(bool(told), expected=f"a coverage claim of acquisition {called!r}", seen=batch)
    kept = [
        each.get("coverage")
        for each in _later(evidence, entry)
        if each.get("batch_id") == batch.get("batch_id")
    ]
    judge(kept == [told], expected=f"the claim {told!r} of acquisition {called!r} in the end", seen=kept)


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
        entry, there = _entry(evidence, name)
        alone = isinstance(entry["connection_id"], str) and entry["connection_id"] != there
        expected = f"acquisition {name!r} refused by a typed error, or in a connection of its own"
        answer = entry["configured"]
        judge(refused(entry) or alone, expected=expected, seen=[answer.get("status"), answer.get("body")])


@then('"{called}" went into "{connection}", where the host lets it')
def permitted(evidence: Evidence, judge: Judge, called: str, connection: str) -> None:
    """A host that refuses it by a typed error, or lets it go on apart, leaves a permission unused."""
    entry, there = _entry(evidence, called)
    if refused(entry) or entry["connection_id"] != there:
        judge.inapplicable(f"acquisition {called!r} stays out of {connection!r}, which is permitted too")
        return
    went(evidence, judge, called, connection)


def _entry(evidence: Evidence, called: str) -> tuple[dict[str, Any], str]:
    """An acquisition, and the id of the connection for which it was meant."""
    acquired = Acquired(evidence)
    entry = acquired.one(called)
    return entry, acquired.faces(entry["into"])["connection_id"]


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


@then("every row names its connection and nothing of the path behind it")
def attributed(evidence: Evidence, judge: Judge) -> None:
    """Whoever reads, by list, look-up, search or page, is told the connection and no acquisition path."""
    seen = Acquired(evidence).reader()
    granted = set(seen["grant"]["connections"])
    faces = {"list": listed(seen), "page": seen["pages"], "streams": seen["streams"]}
    faces |= {f"search {text!r}": hits for text, hits in seen["search"].items()}
    faces["look-up"] = [each["body"] for each in seen["single"].values()]
    for face, found in faces.items():
        for row in rows(found, face):
            expected = f"the granted connection_id in each row of the {face}"
            judge(row.get("connection_id") in granted, expected=expected, seen=row)
            inside = sorted(INTERNALS & {*row, *(row.get("data") or {})})
            judge(not inside, expected=f"nothing of a path in a row of the {face}", seen=inside)


@then('the bearer of the grant reads all of "{granted}" and nothing of "{connection}"')
def hidden(evidence: Evidence, judge: Judge, granted: str, connection: str) -> None:
    """Not in rows, counts, cursors or errors; what is not granted cannot be told from what is not there."""
    _reads_all(evidence, judge, granted)
    acquired = Acquired(evidence)
    seen, other = acquired.reader(), acquired.faces(connection)
    theirs = [row.get("record_id") for row in listed(other)]
    judge(bool(theirs), expected=f"records of {connection!r} that could show", seen=other["list"])
    open_faces = {face: seen[face] for face in ("list", "single", "search", "streams", "pages")}
    open_faces["cursors"] = [*seen["cursors"], *map(legible, seen["cursors"])]
    for what in (other["connection_id"], connection, *filter(None, theirs)):
        for face, found in open_faces.items():
            judge(not mentions(found, what), expected=f"nothing of {what!r} in the {face}", seen=found)
    asked, nobody = seen["asked_for"]["other"], seen["asked_for"]["nobody"]
    for face in ("list", "search", "streams", "single", "record", "chosen record"):
        answers = [told_apart(each[face], each["asked"]) for each in (asked, nobody)]
        expected = f"{answers[1]!r}, as where there is nobody, by {face} when asked for {connection!r}"
        judge(answers[0] == answers[1], expected=expected, seen=answers[0])
    for answer in (nobody["record"], nobody["chosen record"]):
        judge(400 <= answer[0] < 500, expected="a refusal where there is no record", seen=answer)


def _reads_all(evidence: Evidence, judge: Judge, connection: str) -> None:
    """Lists, look-ups, searches, counts and pages of one row show what was granted."""
    acquired = Acquired(evidence)
    seen, wanted = acquired.reader(), shown(listed(acquired.faces(connection)), "the owner's list")
    judge(bool(wanted), expected=f"records of {connection!r} to read", seen=_told(wanted))
    what = f"what {connection!r} has, for the bearer,"
    _faces(judge, seen, wanted, wanted, what)
    paged = shown(seen["pages"], "the pages")
    of_stream = shown(next(iter(seen["list"].values())), "the list of the stream")
    judge(paged == of_stream, expected=f"{what} page by page", seen=_told(paged))


@then('"{connection}" names "{other}" and the proof, where that took "{called}"')
def superseded(evidence: Evidence, judge: Judge, connection: str, other: str, called: str) -> None:
    """Its diagnostics tell where collecting goes on, and by which rule."""
    acquired = Acquired(evidence)
    there = acquired.faces(other)["connection_id"]
    if acquired.one(called)["connection_id"] != there:
        judge.inapplicable(f"acquisition {called!r} stays out of {other!r}, which is permitted too")
        return
    said = acquired.faces(connection)["diagnostics"]
    for what in (there, acquired.rule()):
        expected = f"{what!r} in the diagnostics of {connection!r}"
        judge(mentions(said, what), expected=expected, seen=said)
