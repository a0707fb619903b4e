"""Cutting output into lines, wherever the pipe cuts it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdpp_host.runtime.lines import LineTooLong, Numbered, read_lines


def cut(*chunks: bytes, limit: int = 1000) -> list[Numbered]:
    return [line for lines in read_lines(chunks, limit) for line in lines]


@given(st.lists(st.binary(max_size=6).map(lambda b: b.replace(b"\n", b"")), max_size=8), st.data())
def test_chunk_borders_change_nothing(lines: list[bytes], data: st.DataObject) -> None:
    """However a text is cut into chunks, its lines and their numbers are the same."""
    text = b"\n".join(lines)
    borders = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    edges = [0, *borders, len(text)]
    chunks = [text[a:b] for a, b in pairwise(edges)]
    expected = [
        (number, line.removesuffix(b"\r"))
        for number, line in enumerate(lines, start=1)
        if line.removesuffix(b"\r").strip()
    ]
    assert cut(*[chunk for chunk in chunks if chunk]) == expected


def test_blank_lines_count_and_are_left_out() -> None:
    """A blank line is ignored, but the line after it keeps its number."""
    assert cut(b"a\n\n \r\n\r\nb\n") == [(1, b"a"), (5, b"b")]


def test_a_carriage_return_before_the_line_feed_is_dropped() -> None:
    """One CR before LF goes, also where a chunk ends between them; another stays."""
    assert cut(b"a\r", b"\nb\r\r\nc\rd") == [(1, b"a"), (2, b"b\r"), (3, b"c\rd")]


def test_a_last_line_without_a_line_feed_counts() -> None:
    """What follows the last LF is a line."""
    assert cut(b"a\nb") == [(1, b"a"), (2, b"b")]


@pytest.mark.parametrize("chunks", [[b"ok\n12345\nno\n"], [b"ok\n123", b"45"], [b"ok\n", b"12345"]])
def test_a_line_past_the_limit(chunks: list[bytes]) -> None:
    """A line longer than the limit is refused by number, after the lines before it were handed on."""
    seen: list[Numbered] = []
    with pytest.raises(LineTooLong) as caught:
        seen.extend(line for lines in read_lines(chunks, 4) for line in lines)
    assert (seen, caught.value.line, caught.value.limit) == ([(1, b"ok")], 2, 4)


def test_a_line_at_the_limit() -> None:
    """A line as long as the limit passes, its CR and LF not counted."""
    assert cut(b"1234\r", b"\n1234\n1234", limit=4) == [(1, b"1234"), (2, b"1234"), (3, b"1234")]


def test_an_endless_line_is_not_held() -> None:
    """A line that never ends is refused as soon as it is past the limit, not when memory is full."""
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 10

    with pytest.raises(LineTooLong):
        list(read_lines(endless(), 100))  # type: ignore[arg-type]
    assert taken == 11
