"""Each rule of the profile: what breaks it, told at its line and by no other rule, and what does not."""

from __future__ import annotations

import pytest
from conversations import LIMITS, SECRET, Part, ending, lines, note, out, start, tag
from single_lines import (
    ASKED,
    NO_TIME,
    OTHER_FOLDER,
    TOO_EARLY,
    UNASKED,
    answered,
    asked,
    coverage,
    done,
    exits,
    raw,
    record,
    whole,
)

from pdpp_tck.monitor import watch

BREACHES = {
    "speaks first": ("CP-01", 1, [out("PROGRESS", message="hi"), start(), *ending([])]),
    "no JSON": ("CP-02", 2, whole(raw("collecting…"))),
    "no UTF-8": ("CP-02", 2, whole(raw(b'{"type":"PROGRESS","message":"\xff"}'))),
    "an array": ("CP-02", 2, whole(raw("[1]"))),
    "NaN": ("CP-02", 2, whole(raw('{"type":"STATE","stream":"notes","cursor":{"at":NaN}}'))),
    "a wide number": ("CP-02", 2, whole(raw('{"type":"STATE","stream":"notes","cursor":{"at":1e999}}'))),
    "deep": (
        "CP-02",
        2,
        whole(raw('{"type":"STATE","stream":"notes","cursor":' + '{"a":' * 300 + "1" + "}" * 301)),
    ),
    "unknown type": ("CP-03", 2, whole(out("LOG", message="hello"))),
    "no type": ("CP-03", 2, whole(raw('{"message":"hello"}'))),
    "a cursor that is a text": ("CP-03", 2, whole(out("STATE", stream="notes", cursor="7"))),
    "a skip with an unknown hint": ("CP-03", 2, whole(out("SKIP_RESULT", recovery_hint="pray"))),
    "a DONE without a count": ("CP-03", 2, [start(), out("DONE", status="succeeded"), exits(0)]),
    "a stream of its own": ("CP-04", 2, whole(record({"id": "1"}, stream="others"))),
    "a cursor of its own": ("CP-04", 2, whole(out("STATE", stream="others", cursor={}))),
    "another folder": ("CP-05", 3, whole(note("n-1"), record(OTHER_FOLDER))),
    "too early": ("CP-15", 2, whole(record(TOO_EARLY))),
    "at the end of the window": ("CP-15", 2, whole(record(TOO_EARLY | {"at": "2025-01-01T00:00:00Z"}))),
    "no time": ("CP-15", 2, whole(record(NO_TIME))),
    "a time without an offset": ("CP-15", 2, whole(record(NO_TIME | {"at": "2024-05-01T00:00:00"}))),
    "a field that nobody asked for": ("CP-14", 2, whole(record(UNASKED))),
    "a wrong key": (
        "CP-06",
        3,
        whole(note("n-1"), record({"id": "n-1", "at": "2024-05-01T00:00:00Z"}, "inbox")),
    ),
    "a key of one part": ("CP-06", 2, whole(record({"id": "a", "n": 1}, "a", "tags"))),
    "a wrong schema": ("CP-06", 2, whole(record({"id": "a", "n": 1.5}, ["a", "1.5"], "tags"))),
    "a delete": ("CP-07", 2, whole(out("RECORD", stream="notes", key="n-1", op="delete", emitted_at="x"))),
    "two questions": ("CP-08", 3, whole(asked("a"), asked("b"), answered("a"), answered("b"))),
    "an answer to another": ("CP-08", 4, whole(asked("a"), answered("b"), asked("c"))),
    "a lost detail": ("CP-09", 2, whole(coverage("ab", "a"))),
    "both": ("CP-09", 2, whole(coverage("ab", "ab", "b"), out("DETAIL_GAP", stream="tags", record_key="b"))),
    "more than required": ("CP-09", 2, whole(coverage("a", "ab"))),
    "an untold gap": ("CP-09", 2, whole(coverage("ab", "a", "b"))),
    "the gap of another stream": (
        "CP-09",
        2,
        whole(coverage("a", "", "a"), out("DETAIL_GAP", stream="notes")),
    ),
    "no DONE": ("CP-10", 2, [start(), exits(0)]),
    "a line after DONE": ("CP-10", 3, [start(), done(0), out("PROGRESS", message="more"), exits(0)]),
    "two DONEs": ("CP-10", 3, [start(), done(0), done(0), exits(0)]),
    "a wrong count": ("CP-11", 3, [start(), note("n-1"), done(2), exits(0)]),
    "deletes not counted": ("CP-11", 3, [start(), tag("a", 1, "delete"), done(0), exits(0)]),
    "succeeded and 1": ("CP-12", 3, [start(), done(0), exits(1)]),
    "failed and 0": ("CP-12", 3, [start(), done(0, status="failed"), exits(0)]),
    "succeeded and killed": ("CP-12", 3, [start(), done(0), exits(-11)]),
    "content in a cursor": ("CP-13", 2, whole(out("STATE", stream="notes", cursor={"last": SECRET}))),
    "content in a diagnostic": (
        "CP-13",
        2,
        whole(out("SKIP_RESULT", stream="notes", message=f"bad: {SECRET}")),
    ),
    "an integer of 65 bits": (
        "CP-02",
        2,
        whole(raw('{"type":"STATE","stream":"notes","cursor":{"at":18446744073709551616}}')),
    ),
    "an integer below 64 bits": (
        "CP-02",
        2,
        whole(raw('{"type":"STATE","stream":"notes","cursor":{"at":-9223372036854775809}}')),
    ),
    "a no-break space is no blank line": ("CP-02", 2, whole(raw("\u00a0"))),
    "a form feed after DONE": ("CP-10", 3, [start(), done(0), raw("\x0c"), exits(0)]),
    "a type that is no text": ("CP-03", 2, whole(raw('{"type":["RECORD"],"stream":"notes"}'))),
    "a misspelt record is told once": ("CP-03", 3, whole(note("n-1"), out("RECRD", stream="notes"))),
    "a misspelt record that DONE counts": (
        "CP-03",
        3,
        [start(), note("n-1"), out("RECRD", stream="notes"), done(2), exits(0)],
    ),
    "a question of no known kind is none that is open": (
        "CP-03",
        2,
        whole(out("INTERACTION", request_id="a", kind="prayer", message="?"), asked("b"), answered("b")),
    ),
    "content in an unknown message is told as unknown": ("CP-03", 2, whole(out("LOG", message=SECRET))),
    "a record of a stream that was not started": ("CP-04", 2, whole(record({"id": "1"}, stream="idle"))),
    "a cursor of a stream that was not started": ("CP-04", 2, whole(out("STATE", stream="idle", cursor={}))),
    "part of a resource's name": ("CP-05", 2, whole(record(OTHER_FOLDER | {"folder": "inb"}))),
    "another case": ("CP-05", 2, whole(record(OTHER_FOLDER | {"folder": "Inbox"}))),
    "blanks around it": ("CP-05", 2, whole(record(OTHER_FOLDER | {"folder": " inbox"}))),
    "a declared field that nobody asked for": ("CP-14", 2, whole(record(ASKED | {"pages": 3}))),
    "one field of many": ("CP-14", 2, whole(record(ASKED | {f"x{n}": n for n in range(20)}))),
    "several boundaries are one breach": ("CP-05", 2, whole(record(OTHER_FOLDER | {"size": 1, "at": "x"}))),
    "a basic time": ("CP-15", 2, whole(record(ASKED | {"at": "20240501T000000Z"}))),
    "an offset without a colon": ("CP-15", 2, whole(record(ASKED | {"at": "2024-05-01T00:00:00+0000"}))),
    "a nanosecond before the window": (
        "CP-15",
        2,
        whole(record(ASKED | {"at": "2023-12-31T23:59:59.999999999Z"})),
    ),
    "a schema with a format": (
        "CP-06",
        2,
        whole(record({"id": "a", "n": 1, "on": "1st"}, ["a", "1"], "tags")),
    ),
    "a record out of place after DONE is told once": (
        "CP-10",
        3,
        [start(), done(0), record({"id": "1"}, stream="others"), exits(0)],
    ),
    "cancelled and 0": ("CP-12", 3, [start(), done(0, status="cancelled"), exits(0)]),
    "a second question after an unanswered one that came after an answered one": (
        "CP-08",
        5,
        whole(asked("a"), answered("a"), asked("b"), asked("c")),
    ),
    "the answer to the question before last": (
        "CP-08",
        3,
        whole(asked("a"), asked("b"), answered("b"), asked("c")),
    ),
    "a gap beyond what was required": (
        "CP-09",
        2,
        whole(coverage("a", "a", "b"), out("DETAIL_GAP", stream="tags", record_key="b")),
    ),
    "progress tells no gap": (
        "CP-09",
        2,
        whole(coverage("a", "", "a"), out("PROGRESS", message="a", stream="tags")),
    ),
    "what informs excuses no gap": (
        "CP-09",
        2,
        whole(coverage("a", ""), out("SKIP_RESULT", stream="tags", reason="user_disabled")),
    ),
    "content in progress": ("CP-13", 2, whole(out("PROGRESS", message=SECRET))),
    "content in a question": (
        "CP-13",
        2,
        whole(out("INTERACTION", request_id="a", kind="otp", message=f"really {SECRET}?")),
    ),
    "content in DONE": (
        "CP-13",
        2,
        [start(), done(0, error={"message": SECRET, "retryable": False}), exits(0)],
    ),
    "content in a cursor, escaped": (
        "CP-13",
        2,
        whole(raw('{"type":"STATE","stream":"notes","cursor":{"a":"\\u0063' + SECRET[1:] + '"}}')),
    ),
    "content in a record beside its data": (
        "CP-13",
        2,
        whole(Part("RECORD", "out", note("n-1").message | {"note": SECRET})),
    ),
    "content on stderr": ("CP-13", 2, whole(Part("err", "err", {}, f"read {SECRET}".encode()))),
}


@pytest.mark.parametrize("name", BREACHES)
def test_a_breach_is_told_once(name: str) -> None:
    """One rule at one line, and the reason repeats nothing of a record's content."""
    rule, line, parts = BREACHES[name]
    found = watch(lines(parts), LIMITS)
    assert [(breach.rule, breach.n) for breach in found] == [(rule, line)]
    assert SECRET not in found[0].what


LEGAL = {
    "nothing": whole(),
    "a host's broken START is the host's": [Part("START", "in", {}, b"{"), *ending([])],
    "blank lines and a CR": whole(raw(""), raw("  \r")),
    "known extensions": whole(out("ASSISTANCE", anything=1), out("DETAIL_GAP_RECOVERED", stream="x")),
    "content in a record": whole(note("n-1", text=SECRET)),
    "selected by key": whole(note("n-1", "elsewhere")),
    "another offset": whole(record({"id": "n-1", "at": "2025-01-01T01:00:00+02:00"})),
    "the first instant": whole(record({"id": "n-1", "at": "2024-01-01t00:00:00z"})),
    "a delete has no content to judge": whole(tag("a", 1, "delete")),
    "a cursor under its state_stream": whole(out("STATE", stream="tag_pages", cursor={})),
    "one question after the other": whole(asked("a"), answered("a"), asked("b")),
    "a gap told before its coverage": whole(
        out("DETAIL_GAP", stream="tags", record_key="b"), coverage("b", "", "b")
    ),
    "a gap told for the whole stream": whole(coverage("b", "", "b"), out("DETAIL_GAP", stream="tags")),
    "an untold gap of a failed run": [start(), coverage("b", "", "b"), done(0, status="failed"), exits(1)],
    "ended by its host": [start(), note("n-1")],
    "cancelled": [start(), done(0, status="cancelled"), exits(130)],
    "odd but storable numbers": whole(
        raw('{"type":"STATE","stream":"notes","cursor":{"at":18446744073709551615}}')
    ),
    "the least integer": whole(raw('{"type":"STATE","stream":"notes","cursor":{"at":-9223372036854775808}}')),
    "a lone surrogate in a name": whole(raw('{"type":"PROGRESS","message":"x","\\ud83d":1}')),
    "a whole number selects": whole(record(ASKED | {"folder": 7, "id": "n-9"})),
    "a key field that is left out": whole(record({"n": 1}, ["a", "1"], "tags")),
    "a leap second": whole(record(ASKED | {"at": "2024-06-30T23:59:60Z"})),
    "a space in a time": whole(record(ASKED | {"at": "2024-05-01 00:00:00Z"})),
    "an offset that is nearly nothing": whole(record(ASKED | {"at": "2024-12-31T23:29:59-00:30"})),
    "a later coverage settles an earlier one": whole(
        coverage("b", "", "b"), out("DETAIL_GAP", stream="tags", record_key="b"), coverage("b", "b")
    ),
    "a gap that is told and not named in the coverage": whole(
        coverage("ab", "a"), out("DETAIL_GAP", stream="tags", record_key="b")
    ),
    "a skip of everything": whole(coverage("b", ""), out("SKIP_RESULT", reason="rate_limited")),
    "half a character, escaped": whole(raw('{"type":"PROGRESS","message":"\\ud83d"}')),
}


@pytest.mark.parametrize("name", LEGAL)
def test_what_is_legal_is_left_alone(name: str) -> None:
    """A freedom of the wire is no breach."""
    assert watch(lines(LEGAL[name]), LIMITS) == []
