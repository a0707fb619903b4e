"""Sentences about readers who ask for the list together."""

from __future__ import annotations

from pdpp_tck.asking import Asking
from pdpp_tck.evidence.summarised import Summarised, listed
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then, when


@when("twelve readers ask for the list, eleven of them while the first one's look is held open")
def together(ask: Asking) -> None:
    """A connection is renamed between the first and the others, and one is read alone."""
    ask.while_held()


@when("twelve readers ask for the list while the first one's look is held open, and that look fails")
def failing(ask: Asking) -> None:
    """And one more asks when all of them were answered."""
    ask.while_failing()


@then("every reader is answered, and none with what was before it came")
def answered(evidence: Evidence, judge: Judge) -> None:
    """Whoever came after the change was acknowledged sees it."""
    flight = Summarised(evidence).flight()
    for number, answer in enumerate(flight["answers"]):
        rows = listed(answer)
        named = [row.get("display_name") for row in rows if row.get("connection_id") == flight["id"]]
        judge(len(named) == 1, expected=f"a row for reader {number}", seen=named)
        if number:
            expected = f"the new name for reader {number}, who came after it was acknowledged"
            judge(named == ["renamed meanwhile"], expected=expected, seen=named)
    paged, page = ([row.get("connection_id") for row in listed(flight[of])] for of in ("paged", "page"))
    judge(
        paged == page, expected="a page asked for together with the list as it is alone", seen=[paged, page]
    )


@then("the reader whose look failed is told so, and whoever comes later has an answer")
def told(evidence: Evidence, judge: Judge) -> None:
    """An error is told to those who waited for it, and is not kept."""
    flight = Summarised(evidence).failed_flight()
    first, *others = flight["answers"]
    judge(first[0] >= 500, expected="an error for the reader whose look failed", seen=first)
    for number, answer in enumerate(others, 1):
        judge(answer[0] >= 200, expected=f"an answer of some kind for reader {number}", seen=answer)
    judge(flight["later"][0] == 200, expected="the list for whoever comes later", seen=flight["later"])


@then("fewer looks were taken than there were readers")
def fewer(evidence: Evidence, judge: Judge) -> None:
    """Of those who came together some did not ask the database themselves; owed on PostgreSQL only."""
    if "postgres" not in evidence.header["subjects"]["storage"]["claims"]:
        judge.inapplicable("not claimed: postgres")
        return
    traced = Summarised(evidence).flight()["traced"]
    looked = sum(bool(each.get("reads")) for each in traced)
    judge(0 < looked < len(traced), expected=f"fewer than {len(traced)} readers who looked", seen=traced)


@then("the one read alone took a look of its own and waited for nobody")
def scoped_looks(evidence: Evidence, judge: Judge) -> None:
    """It was answered while the look at all of them was held, from its own statements."""
    flight = Summarised(evidence).flight()
    for what, waited in flight["waited"].items():
        judge(not waited, expected=f"the {what} of one connection while the list is held", seen="it waited")
        status, body = flight["alone"][what]
        judge(status == 200, expected=f"an answer to the {what} read", seen=[status, body])
        rows = listed([status, body]) if what == "scoped" else [body]
        named = [row.get("display_name") for row in rows if isinstance(row, dict)]
        judge(named == ["renamed meanwhile"], expected=f"in the {what} what is there now", seen=named)
        own = flight["own"][what]
        judge(bool(own.get("reads")), expected=f"statements of its own for the {what}", seen=own)
