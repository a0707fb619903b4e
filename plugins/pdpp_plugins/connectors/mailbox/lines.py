"""Lines: a file of any size in bounded pieces, most of which are lines."""

from __future__ import annotations

from io import BytesIO

from pdpp_plugins.connectors.prefix import CHUNK, Prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


class Piece:
    """A line or a part of a very long one; kept open, so that one object serves a whole file."""

    __slots__ = ("fresh", "number", "offset", "raw")

    def __init__(self) -> None:
        self.raw = b""
        self.offset = 0
        self.number = 1
        self.fresh = True

    def advance(self, raw: bytes) -> None:
        """Become the piece that follows."""
        self.fresh = not self.raw or self.raw.endswith(b"\n")
        self.number += bool(self.raw) and self.fresh
        self.offset += len(self.raw)
        self.raw = raw


def pieces(file: BinaryIO, size: int, prefix: Prefix) -> Iterator[Piece]:
    """The first `size` bytes of a file, line by line; a line beyond 1 MiB comes in several pieces.

    It is one and the same object each time; `fresh` says that it begins a line. `prefix` advances over
    what was read.
    """
    piece, carry = Piece(), b""
    while raw := file.read(min(CHUNK, size - prefix.offset)):
        prefix.advance(raw)
        carry += raw
        end = carry.rfind(b"\n") + 1
        if not end and len(carry) >= CHUNK:
            end = len(carry)
        for line in BytesIO(carry[:end]):
            piece.advance(line)
            yield piece
        carry = carry[end:]
    if carry:
        piece.advance(carry)
        yield piece
