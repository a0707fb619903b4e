"""Sentences about whoever reads with a grant."""

from __future__ import annotations

from collections import Counter

from pdpp_tck.evidence.acquired import Acquired, legible, listed, mentions, rows, shown, told_apart
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then
from pdpp_tck.vocabulary.instances import judge_faces, told

INTERNALS = frozenset(
    {"method", "batch", "batch_id", "path", "artifact", "artifact_sha256", "binding", "provenance", "seen_by"}
)


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
    asked, nobody = seen["asked_for"]["other"], seen["asked_for"]["nobody"]
    theirs = [row.get("record_id") for row in listed(other)]
    judge(bool(theirs), expected=f"records of {connection!r} that could show", seen=other["list"])
    open_faces = {face: seen[face] for face in ("list", "single", "search", "streams", "pages")}
    open_faces["cursors"] = [*seen["cursors"], *map(legible, seen["cursors"])]
    for what in (other["connection_id"], connection, asked["asked"][-1], *filter(None, theirs)):
        for face, found in open_faces.items():
            judge(not mentions(found, what), expected=f"nothing of {what!r} in the {face}", seen=found)
    for face in ("list", "search", "streams", "single", "record", "chosen record", "stream"):
        answers = [told_apart(each[face], each["asked"]) for each in (asked, nobody)]
        expected = f"{answers[1]!r}, as where there is nobody, by {face} when asked for {connection!r}"
        judge(answers[0] == answers[1], expected=expected, seen=answers[0])
    for answer in (nobody["record"], nobody["chosen record"]):
        judge(400 <= answer[0] < 500, expected="a refusal where there is no record", seen=answer)


def _reads_all(evidence: Evidence, judge: Judge, connection: str) -> None:
    """Lists, look-ups, searches, counts and pages of one row show what was granted."""
    acquired = Acquired(evidence)
    seen, wanted = acquired.reader(), Counter[tuple[str, str]]()
    for stream in seen["grant"]["streams"]:
        wanted += shown(acquired.faces(connection)["list"][stream], "the owner's list")
    judge(bool(wanted), expected=f"records of {connection!r} to read", seen=told(wanted))
    what = f"what {connection!r} has, for the bearer,"
    judge_faces(judge, seen, wanted, wanted, what)
    paged = shown(seen["pages"], "the pages")
    of_stream = shown(next(iter(seen["list"].values())), "the list of the stream")
    judge(paged == of_stream, expected=f"{what} page by page", seen=told(paged))
