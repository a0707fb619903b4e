"""Cutting a child's output into lines."""

from __future__ import annotations

import os
from collections.abc import Iterator

CHUNK = 256 * 1024
LINE_LIMIT = 64 * 1024 * 1024


class LineTooLong(Exception):
    """A line went past the limit before it ended; `line` is its number, counted from 1."""

    def __init__(self, line: int, limit: int) -> None:
        super().__init__(f"line {line} is longer than {limit} bytes")
        self.line = line
        self.limit = limit


def read_lines(descriptor: int, limit: int = LINE_LIMIT) -> Iterator[list[tuple[int, bytes]]]:
    """The lines of a pipe as (number, bytes without LF or CR before it), a list for each read.

    Blank lines are left out but counted; a last line without LF counts. Raises LineTooLong, never
    holding more than `limit` bytes and one chunk.
    """
    number = 0
    rest: list[bytes] = []
    held = 0
    while chunk := os.read(descriptor, CHUNK):
        head, *tail = chunk.split(b"\n")
        rest.append(head)
        held += len(head)
        if held > limit:
            raise LineTooLong(number + 1, limit)
        if not tail:
            continue
        complete = [b"".join(rest), *tail[:-1]]
        rest, held = [tail[-1]], len(tail[-1])
        yield [(number + i, line) for i, line in _stripped(complete)]
        number += len(complete)
    if held:
        yield [(number + i, line) for i, line in _stripped([b"".join(rest)])]


def _stripped(lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
    for index, line in enumerate(lines, start=1):
        if text := line.removesuffix(b"\r"):
            yield index, text
