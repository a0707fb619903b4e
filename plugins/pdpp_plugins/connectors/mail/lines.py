"""Lines: a file of any size in bounded pieces, each of one line or of many that need no look at each."""

from __future__ import annotations

import re

from pdpp_plugins.connectors.prefix import CHUNK, Prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Readable(Protocol):
        """A file, or what is read like one."""

        def read(self, size: int, /) -> bytes:
            """At most so many bytes; none at the end."""


_PIECE = re.compile(rb"(?:(?!From |>|--|\xef\xbb\xbf)[^\r\n][^\n]*\n)++|[^\n]*\n|[^\n]+")
"""Lines that may begin a message, be quoted, be a boundary or be empty come one by one."""


class Piece:
    """Whole lines, or a part of a very long one; one object serves a whole file."""

    __slots__ = ("fresh", "number", "offset", "raw")

    def __init__(self) -> None:
        self.raw = b""
        self.offset = 0
        self.number = 1
        self.fresh = True

    def advance(self, raw: bytes) -> None:
        """Become the piece that follows."""
        self.fresh = not self.raw or self.raw.endswith(b"\n")
        self.number += self.raw.count(b"\n")
        self.offset += len(self.raw)
        self.raw = raw


def pieces(file: Readable, size: int, prefix: Prefix) -> Iterator[Piece]:
    """The first `size` bytes of a file in pieces of at most about 2 MiB.

    It is one and the same object each time; `fresh` says that it begins a line, `number` is that line's.
    `prefix` advances over what was read.
    """
    piece, carry = Piece(), b""
    while raw := file.read(min(CHUNK, size - prefix.offset)):
        prefix.advance(raw)
        carry += raw
        end = carry.rfind(b"\n") + 1
        if not end and len(carry) >= CHUNK:
            end = len(carry)
        for match in _PIECE.finditer(carry, 0, end):
            piece.advance(match[0])
            yield piece
        carry = carry[end:]
    if carry:
        piece.advance(carry)
        yield piece
