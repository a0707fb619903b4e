"""From bytes to messages: every way in which a line can be none."""

from __future__ import annotations

import json

import pytest

from pdpp_host.domain.messages import Progress, Record, State
from pdpp_host.runtime.decoding import Undecodable, decode

SECRET = "s3cret-of-the-owner"


def line(**message: object) -> bytes:
    return json.dumps(message).encode()


def a_record(text: str) -> bytes:
    data = f'{{"id":"a","text":{text}}}'
    return f'{{"type":"RECORD","stream":"s","key":"a","data":{data},"emitted_at":"t"}}'.encode()


@pytest.mark.parametrize(
    ("raw", "rule", "stream"),
    [
        (b"not json", "invalid_json", None),
        (b'{"type":"STATE","stream":"s","cursor":{}', "invalid_json", None),
        (b'{"type":"NOPE", bad', "invalid_json", None),
        (b'{"type":"STATE","stream":"s","cursor":' + b'{"a":' * 100_000, "invalid_json", None),
        (b"[" * 100_000, "invalid_message", None),
        (b"\xef\xbb\xbf{}", "invalid_json", None),
        (a_record("NaN"), "invalid_json", None),
        (a_record("-Infinity"), "invalid_json", None),
        (a_record('"\\ud800",NaN'), "invalid_json", None),
        (a_record('"\\ud800"}'), "invalid_json", None),
        (b'{"type":"PROGRESS","message":"\xff"}', "invalid_utf8", None),
        (a_record('"\\u0000\xff"').replace(b"\xc3\xbf", b"\xff"), "invalid_utf8", None),
        (a_record("1e400"), "number_out_of_range", None),
        (a_record("18446744073709551616"), "number_out_of_range", None),
        (a_record("-9223372036854775809"), "number_out_of_range", None),
        (a_record("1" * 5000), "number_out_of_range", None),
        (line(type="STATE", stream="s", cursor={"n": 2**64}), "number_out_of_range", None),
        (b"[]", "invalid_message", None),
        (b"{}", "invalid_message", None),
        (b'{"type":5}', "invalid_message", None),
        (line(type="STATE", stream="s"), "invalid_message", "s"),
        (line(type="STATE", stream=4, cursor={}), "invalid_message", None),
        (line(type="RECORD", stream="s", key=5, data={}, emitted_at="t"), "invalid_message", "s"),
        (line(type="NOPE", stream="s"), "unknown_message_type", "s"),
        (line(type="START"), "unknown_message_type", None),
    ],
)
def test_what_is_no_message(raw: bytes, rule: str, stream: str | None) -> None:
    """Each way of being no message has its rule, and the stream is told where the line names one."""
    with pytest.raises(Undecodable) as caught:
        decode(raw)
    assert (caught.value.rule, caught.value.stream) == (rule, stream)


@pytest.mark.parametrize(
    "raw",
    [
        f'{{"type":"RECORD","stream":"s","data":{{"text":"{SECRET}"}}}}'.encode(),
        f'{{"type":"RECORD","data":"{SECRET}","stream":"s","key":"k","emitted_at":"t"}}'.encode(),
        f'{{"type":"RECORD","data":{{"text":"{SECRET}'.encode(),
        a_record(f'"{SECRET}",').replace(b'"t"', b"1"),
        SECRET.encode(),
    ],
)
def test_no_violation_repeats_what_a_line_holds(raw: bytes) -> None:
    """A violation's text never repeats a record's content (PR-01: diagnostics hold no content)."""
    with pytest.raises(Undecodable) as caught:
        decode(raw)
    assert SECRET not in caught.value.message
    assert SECRET not in str(caught.value)


def test_a_violation_is_bounded() -> None:
    """However long what a connector made up, the violation stays short."""
    with pytest.raises(Undecodable) as caught:
        decode(line(type="N" * 100_000))
    assert len(caught.value.message) <= 200


def test_characters_that_no_storage_holds() -> None:
    """NUL and lone surrogates become U+FFFD, in names too, and are counted."""
    message, replaced = decode(a_record('"a\\u0000b\\ud83d"'))
    assert isinstance(message, Record)
    assert (message.data, replaced) == ({"id": "a", "text": "a\ufffdb\ufffd"}, 2)
    nul, replaced = decode(a_record('"a\\u0000"'))
    assert isinstance(nul, Record)
    assert (nul.data, replaced) == ({"id": "a", "text": "a\ufffd"}, 1)
    state, replaced = decode(b'{"type":"STATE","stream":"s","cursor":{"\\udfff":[1,"\\u0000"]}}')
    assert isinstance(state, State)
    assert (state.cursor, replaced) == ({"\ufffd": [1, "\ufffd"]}, 2)


def test_what_only_looks_like_them() -> None:
    """A surrogate pair is a character, and an escaped backslash before u0000 is no NUL."""
    pair, none = decode(a_record('"\\ud83d\\ude00"'))
    assert isinstance(pair, Record)
    assert (pair.data, none) == ({"id": "a", "text": "\U0001f600"}, 0)
    slash, none = decode(a_record('"\\\\u0000"'))
    assert isinstance(slash, Record)
    assert (slash.data, none) == ({"id": "a", "text": "\\u0000"}, 0)


@pytest.mark.parametrize("number", [2**64 - 1, -(2**63), 1.7976931348623157e308, 0.1])
def test_numbers_in_range(number: float) -> None:
    """Numbers that a double or 64 bits hold arrive as they are, and so do long digits in text."""
    message, _ = decode(a_record(json.dumps(number)))
    assert isinstance(message, Record)
    assert message.data == {"id": "a", "text": number}
    text, _ = decode(a_record(f'"{"9" * 40}"'))
    assert isinstance(text, Record)
    assert text.data == {"id": "a", "text": "9" * 40}


def test_unknown_fields_are_ignored() -> None:
    """A field that the host does not know changes nothing."""
    assert decode(line(type="PROGRESS", message="m", colour="red")) == (Progress("m"), 0)
