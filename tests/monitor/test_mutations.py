"""Every change of a good transcript is a breach that can be told beforehand, or provably none."""

from __future__ import annotations

import json

import pytest
from conversations import LIMITS, Part, conversations, lines
from hypothesis import given
from hypothesis import strategies as st

from pdpp_tck.monitor import watch

GARBLED = "garbled"


def broken(parts: list[Part]) -> set[str]:
    """The rules that the monitor finds broken."""
    return {breach.rule for breach in watch(lines(parts), LIMITS)}


def reckoned(parts: list[Part]) -> set[str]:
    """What is wrong with these lines, reckoned from what each was made as; their text is never read."""
    rules: set[str] = set()
    said = [i for i, part in enumerate(parts) if part.direction == "out"]
    sent = [i for i, part in enumerate(parts) if part.direction == "in"]
    if said and not (sent and sent[0] < said[0]):
        rules.add("CP-01")
    if any(parts[i].kind == GARBLED for i in said):
        rules.add("CP-02")
    done = next((i for i in said if parts[i].kind == "DONE"), None)
    before = parts[:done]
    if _asks_twice(before):
        rules.add("CP-08")
    garbled = any(part.kind == GARBLED for part in before)
    if done is None:
        ended = any(part.kind == "exit" for part in parts)
        return rules | ({"CP-10"} if ended and not garbled else set())
    if said[-1] != done:
        rules.add("CP-10")
    kinds = [part.kind for part in before]
    if kinds.count("RECORD") != parts[done].message["records_emitted"] and not garbled:
        rules.add("CP-11")
    owing = parts[done].message["status"] == "succeeded" and "DETAIL_COVERAGE" in kinds
    if owing and "DETAIL_GAP" not in kinds:
        rules.add("CP-09")
    return rules


def _asks_twice(parts: list[Part]) -> bool:
    asked = None
    for part in parts:
        name = part.message.get("request_id")
        if part.kind == "INTERACTION":
            if asked is not None:
                return True
            asked = name
        elif part.kind == "INTERACTION_RESPONSE" and name == asked:
            asked = None
    return False


def _at(data: st.DataObject, parts: list[Part], *but: str) -> int:
    """The place of a line that is none of these kinds."""
    return data.draw(st.sampled_from([i for i, part in enumerate(parts) if part.kind not in but]))


@given(conversations())
def test_a_good_run_breaks_nothing(parts: list[Part]) -> None:
    """What keeps every rule is left alone, and the reckoning agrees."""
    assert broken(parts) == reckoned(parts) == set()


@given(conversations(), st.data())
def test_a_line_is_lost(parts: list[Part], data: st.DataObject) -> None:
    """A lost RECORD makes the count wrong, a lost gap the accounts, a lost DONE or START the order."""
    at = _at(data, parts)
    lost = [*parts[:at], *parts[at + 1 :]]
    assert broken(lost) == reckoned(lost)


@given(conversations(), st.data())
def test_a_line_is_said_twice(parts: list[Part], data: st.DataObject) -> None:
    """A second RECORD is not counted, a second question is too many, a second DONE is not the last line."""
    at = _at(data, parts, "exit")
    twice = [*parts[: at + 1], *parts[at:]]
    assert broken(twice) == reckoned(twice)
    if parts[at].kind in ("DONE", "INTERACTION", "RECORD"):
        assert broken(twice)


@given(conversations(), st.data())
def test_two_lines_change_places(parts: list[Part], data: st.DataObject) -> None:
    """Neighbours may be swapped unless one is a boundary: START, DONE, a question or its answer."""
    at = data.draw(st.integers(0, len(parts) - 3))
    swapped = [*parts[:at], parts[at + 1], parts[at], *parts[at + 2 :]]
    assert broken(swapped) == reckoned(swapped)


@given(conversations(), st.data())
def test_a_line_is_cut_short(parts: list[Part], data: st.DataObject) -> None:
    """An object without its end is no JSON, wherever it was cut."""
    at = _at(data, parts, "exit", "err", "START", "INTERACTION_RESPONSE")
    whole = parts[at].bytes
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    short = [*parts[:at], Part(GARBLED, "out", {}, cut), *parts[at + 1 :]]
    assert broken(short) == reckoned(short)
    assert "CP-02" in broken(short)


@given(conversations(), st.data(), st.sampled_from(["utf-16", "utf-32", "latin-1"]))
def test_a_line_in_another_encoding(parts: list[Part], data: st.DataObject, encoding: str) -> None:
    """What is not UTF-8 is a breach; what is the same in both is none."""
    at = _at(data, parts, "exit", "err", "START", "INTERACTION_RESPONSE")
    said = parts[at].bytes.decode()
    other = said.encode(encoding, "replace")
    recoded = [*parts[:at], Part(GARBLED, "out", {}, other), *parts[at + 1 :]]
    if encoding == "latin-1" and (said.isascii() or _reads(other)):
        return
    assert broken(recoded) == reckoned(recoded)


def _reads(raw: bytes) -> bool:
    """Whether bytes happen to be UTF-8 as well."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(conversations(), st.data())
def test_the_same_in_other_words(parts: list[Part], data: st.DataObject) -> None:
    """Escapes, blanks, a CR, the order of fields and fields that nobody knows change nothing."""
    at = _at(data, parts, "exit", "err")
    message = dict(reversed([*parts[at].message.items(), ("x_unknown", [None])]))
    text = json.dumps(message, ensure_ascii=True, separators=(" , ", " :  ")).encode() + b"\r"
    same = [*parts[:at], parts[at].written(text), Part("blank", "err", {}, b""), *parts[at + 1 :]]
    assert broken(same) == set()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_are_no_utf8(encoding: str) -> None:
    """The reckoning above relies on it: their byte order marks are in no UTF-8 text."""
    assert not _reads("{}".encode(encoding))
