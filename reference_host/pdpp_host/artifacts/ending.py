"""The end of a zip archive, which says where its directory lies."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO, NamedTuple

from pdpp_host.artifacts.refusals import broken, unreadable

LARGE = 0xFFFFFFFF
_MANY = 0xFFFF
_COMMENT = 0xFFFF
_SMALLEST = 46
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")


class Found(NamedTuple):
    """Where a directory lies, its size in bytes, and how many entries it says it has."""

    offset: int
    size: int
    entries: int


def find_directory(file: BinaryIO) -> Found:
    """Where the directory lies, by the record at the archive's very end."""
    length = file.seek(0, 2)
    start = max(0, length - _END.size - _COMMENT)
    file.seek(start)
    tail = file.read()
    at = _end_in(tail)
    if at is None:
        raise broken("it does not end as an archive ends")
    _, disk, first, here, entries, size, offset, _ = _END.unpack_from(tail, at)
    stop = start + at
    if _MANY in (disk, first, here, entries) or LARGE in (size, offset):
        disk, first, here, entries, size, offset, stop = _large_one(file, stop)
    if disk or first or here != entries:
        raise unreadable("the archive is one of several parts; join them into one archive")
    if offset + size > stop or entries * _SMALLEST > size:
        raise broken("its directory does not lie where it should")
    return Found(offset, size, entries)


def _end_in(tail: bytes) -> int | None:
    """Where the last record begins that ends where the file ends."""
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        if at + _END.size <= len(tail) and at + _END.size + _END.unpack_from(tail, at)[-1] == len(tail):
            return at
        at = tail.rfind(b"PK\5\6", 0, at + 3)
    return None


def _large_one(file: BinaryIO, stop: int) -> tuple[int, ...]:
    file.seek(max(0, stop - _LOCATOR.size))
    sign, _, where, _ = unpacked(_LOCATOR, file)
    if sign != b"PK\6\7" or where > stop - _LOCATOR.size - _END64.size:
        raise broken("its directory is said to be a large one and is none")
    file.seek(where)
    sign, _, _, _, disk, first, here, entries, size, offset = unpacked(_END64, file)
    if sign != b"PK\6\6":
        raise broken("its directory is said to be a large one and is none")
    return disk, first, here, entries, size, offset, where


def unpacked(shape: struct.Struct, file: BinaryIO) -> tuple[Any, ...]:
    """The next bytes of a file, by this shape; raises ArtifactRefused where there are not so many."""
    return shape.unpack(exactly(file, shape.size))


def exactly(file: BinaryIO, size: int) -> bytes:
    """The next `size` bytes of a file; raises ArtifactRefused where there are not so many."""
    found = file.read(size)
    if len(found) != size:
        raise broken("it ends too early")
    return found
