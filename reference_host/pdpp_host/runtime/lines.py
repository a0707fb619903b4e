"""Cutting a child's output into lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

LINE_LIMIT = 64 * 1024 * 1024

Numbered = tuple[int, bytes]


class LineTooLong(Exception):
    """A line went past the limit; `line` is its number, counted from 1."""

    def __init__(self, line: int, limit: int) -> None:
        super().__init__(f"line {line} is longer than {limit} bytes")
        self.line = line
        self.limit = limit


def read_lines(chunks: Iterable[bytes], limit: int = LINE_LIMIT) -> Iterator[list[Numbered]]:
    """The lines in `chunks` as (number, bytes without LF or the CR before it), a list for each chunk.

    Blank lines are left out but counted; a last line without LF counts. Raises LineTooLong once the
    lines before the long one are handed on, never holding more than `limit` bytes and one chunk.
    """
    number = 1
    rest: list[bytes] = []
    held = 0
    for chunk in chunks:
        head, *tail = chunk.split(b"\n")
        rest.append(head)
        held += len(head)
        if tail:
            complete = [b"".join(rest), *tail[:-1]]
            yield from _checked(number, complete, limit)
            number += len(complete)
            rest, held = [tail[-1]], len(tail[-1])
        if held > limit + len(b"\r"):
            raise LineTooLong(number, limit)
    yield from _checked(number, [b"".join(rest)], limit)


def _checked(first: int, lines: list[bytes], limit: int) -> Iterator[list[Numbered]]:
    kept: list[Numbered] = []
    for number, raw in enumerate(lines, start=first):
        line = raw.removesuffix(b"\r")
        if len(line) > limit:
            yield kept
            raise LineTooLong(number, limit)
        if line and not line.isspace():
            kept.append((number, line))
    yield kept
