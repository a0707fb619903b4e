"""Sentences about connections of several paths: whose records show where, what is told of batches."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pdpp_tck.evidence.acquired import Acquired, Shown, counted, error_code, mentions, rows, shown
from pdpp_tck.evidence.brought import STREAM, brought
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then
from pdpp_tck.vocabulary.sources import names

INTERNALS = frozenset(
    {"method", "batch", "batch_id", "path", "artifact", "artifact_sha256", "binding", "provenance", "seen_by"}
)


@then('every read face of "{connection}" shows exactly "{records}"')
def exactly(evidence: Evidence, judge: Judge, connection: str, records: str) -> None:
    """List, look-up by id, search and count agree, with nothing gone and nothing twice."""
    seen = Acquired(evidence).faces(connection)
    wanted: Shown = Counter((record.key, record.text) for record in brought(records))
    _faces(judge, seen, wanted, f"exactly the records {records or 'none'} of {connection!r}")


def _faces(judge: Judge, seen: dict[str, Any], wanted: Shown, what: str) -> None:
    listed = shown(seen["list"], "the list of records")
    judge(listed == wanted, expected=f"{what} in the list", seen=_told(listed))
    single = [each["body"] for each in seen["single"].values() if each["status"] == 200]
    looked_up = shown(single, "a look-up by id")
    judge(looked_up == wanted, expected=f"{what} by id", seen=_told(looked_up))
    for text, hits in seen["search"].items():
        found = Counter(
            {each: n for each, n in shown(hits, "a search").items() if text.lower() in each[1].lower()}
        )
        due = Counter({each: n for each, n in wanted.items() if each[1] == text})
        judge(found == due, expected=f"{what} in a search for {text!r}", seen=_told(found))
    numbers = list(counted(seen["streams"], STREAM))
    total = wanted.total()
    judge(total in numbers or (not total and not numbers), expected=f"{what} in the count", seen=numbers)


def _told(found: Shown) -> str:
    return ", ".join(f"{key} ({text}) {n} times" for (key, text), n in sorted(found.items())) or "nothing"


@then("each acquisition has a batch of its own, with method, provenance and receipt")
def batches(evidence: Evidence, judge: Judge) -> None:
    """The batch is final, tells how and from where it came, and is still in its connection's list."""
    acquired, known = Acquired(evidence), set()
    for entry in acquired.all():
        batch, name = entry.get("batch"), f"acquisition {entry['called']!r}"
        judge(isinstance(batch, dict), expected=f"a batch of {name}", seen=batch)
        if not isinstance(batch, dict):
            continue
        told = batch.get("provenance")
        expected = f"the method {entry['method']} and a provenance in the batch of {name}"
        judge(bool(batch.get("method") == entry["method"] and told), expected=expected, seen=batch)
        over = batch.get("status") not in (None, "open", "active") and isinstance(batch.get("counts"), dict)
        judge(over, expected=f"a final receipt of {name}", seen=batch)
        judge(batch.get("batch_id") not in known, expected=f"a batch of its own for {name}", seen=batch)
        known.add(batch.get("batch_id"))
        later = _later(evidence, entry)
        judge(batch in later, expected=f"the batch of {name} in its connection's list later on", seen=later)


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
    acquired = Acquired(evidence)
    entry = acquired.one(called)
    there = acquired.faces(entry["into"])["connection_id"]
    answer = entry["configured"]
    body = answer.get("body")
    refused = 400 <= (answer.get("status") or 0) < 500 and bool(error_code(body))
    alone = isinstance(entry["connection_id"], str) and entry["connection_id"] != there
    expected = f"acquisition {called!r} refused by a typed error, or in a connection of its own"
    judge(refused or alone, expected=expected, seen=[answer.get("status"), body])


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
    judge(len(kept) == len(acquired.all()) - 1, expected="no batch for bytes that were there", seen=kept)


@then("every row names its connection and nothing of the path behind it")
def attributed(evidence: Evidence, judge: Judge) -> None:
    """Whoever reads, by list, look-up, search or page, is told the connection and no acquisition path."""
    acquired = Acquired(evidence)
    seen = acquired.reader()
    granted = set(seen["grant"]["connections"])
    faces = {"list": seen["list"], "page": seen["pages"]} | {
        f"search {t!r}": h for t, h in seen["search"].items()
    }
    for face, listed in faces.items():
        found = rows(listed, face)
        for row in found:
            expected = f"the granted connection_id in each row of the {face}"
            judge(row.get("connection_id") in granted, expected=expected, seen=row)
            inside = sorted(INTERNALS & row.keys())
            judge(not inside, expected=f"nothing of a path in a row of the {face}", seen=inside)
    judge(bool(rows(seen["list"], "list")), expected="rows for the bearer of the grant", seen=seen["list"])


@then('nothing of "{connection}" shows to them')
def hidden(evidence: Evidence, judge: Judge, connection: str) -> None:
    """Not in rows, counts, cursors or errors; what is not granted cannot be told from what is not there."""
    acquired = Acquired(evidence)
    seen, other = acquired.reader(), acquired.faces(connection)
    name, theirs = other["connection_id"], [row.get("record_id") for row in other["list"]]
    judge(bool(theirs), expected=f"records of {connection!r} that could show", seen=other["list"])
    open_faces = {face: seen[face] for face in ("list", "single", "search", "streams", "pages")}
    for what in (name, connection, *filter(None, theirs)):
        judge(
            not mentions(open_faces, what), expected=f"nothing of {what!r} on any read face", seen=open_faces
        )
    asked = seen["asked_for"]
    judge(not asked["list"] and not asked["streams"], expected=f"nothing when asked for {name}", seen=asked)
    told, nobody = seen["record"], seen["nobody"]
    judge(told[0] == nobody[0] and 400 <= told[0] < 500, expected=f"{nobody[0]} as for no record", seen=told)
    codes = [
        answer[1].get("error", {}).get("code") if isinstance(answer[1], dict) else None
        for answer in (told, nobody)
    ]
    judge(codes[0] == codes[1], expected="the same error as for no record", seen=codes)


@then('"{connection}" keeps what it has and names "{other}" and the proof')
def superseded(evidence: Evidence, judge: Judge, connection: str, other: str) -> None:
    """Its diagnostics tell where collecting goes on, and by which rule."""
    acquired = Acquired(evidence)
    shown_, there = acquired.faces(connection), acquired.faces(other)["connection_id"]
    said = shown_["diagnostics"]
    kept = rows(shown_["list"], "its records")
    judge(bool(kept), expected=f"the records of {connection!r}", seen=kept)
    for what in (there, acquired.rule()):
        expected = f"{what!r} in the diagnostics of {connection!r}"
        judge(mentions(said, what), expected=expected, seen=said)
