"""The directory of a zip archive, read with bounded memory and believed in nothing that can be checked."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from pdpp_host.artifacts.ending import LARGE, Found, exactly, find_directory, unpacked
from pdpp_host.artifacts.limits import MIB
from pdpp_host.artifacts.refusals import broken, too_large, unsafe

_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_LOCAL = struct.Struct("<4s2B4H3L2H")
_UTF8 = 0x800
# Names, comments and extra fields of all members: what must be held in memory.
_DIRECTORY_LIMIT = 16 * MIB


class Member(NamedTuple):
    """An entry of the directory; `mode` is its Unix mode, 0 where it has none."""

    name: str
    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    offset: int


def read_directory(file: BinaryIO, limit: int) -> list[Member]:
    """The members of an archive, at most `limit`, in the order of the directory; raises ArtifactRefused."""
    where = find_directory(file)
    if where.entries > limit:
        raise too_large(f"the archive has {where.entries} members, and {limit} are taken; split it")
    if where.size > _DIRECTORY_LIMIT:
        raise too_large(f"the archive's directory has {where.size} bytes; pack it with shorter names")
    file.seek(where.offset)
    members = list(_members(file, where))
    if len(members) != where.entries:
        raise broken(f"its directory counts {where.entries} members and has {len(members)}")
    return members


def _begin(file: BinaryIO, member: Member) -> int:
    """Where a member's data begin; raises ArtifactRefused where its own header and the directory differ."""
    file.seek(member.offset)
    header = unpacked(_LOCAL, file)
    raw = file.read(header[10])
    same = header[0] == b"PK\3\4" and raw == member.raw and header[4] == member.method
    if not same or (header[3] ^ member.flags) & 1:
        raise broken("a member's own header and the directory contradict each other", member.name)
    return member.offset + _LOCAL.size + int(header[10]) + int(header[11])


def apart(file: BinaryIO, members: list[Member]) -> dict[int, int]:
    """Where each member's data begin, by its offset; raises ArtifactRefused where two members overlap."""
    begins, end, stop = {}, 0, find_directory(file).offset
    for member in sorted(members, key=lambda each: each.offset):
        if member.offset + _LOCAL.size > stop:
            raise broken("a member lies beyond the directory", member.name)
        if member.offset < end:
            raise unsafe("two members of the archive share bytes, as only zip bombs do", member.name)
        begins[member.offset] = _begin(file, member)
        end = begins[member.offset] + member.packed
        if end > stop:
            raise broken("a member's data run into the directory", member.name)
    return begins


def _members(file: BinaryIO, where: Found) -> Iterator[Member]:
    """Entries until the directory ends or has had as many as it says."""
    left, entries = where.size, where.entries
    while left >= _CENTRAL.size and entries:
        head = unpacked(_CENTRAL, file)
        raw, extra = exactly(file, head[12]), exactly(file, head[13])
        exactly(file, head[14])
        left -= _CENTRAL.size + head[12] + head[13] + head[14]
        entries -= 1
        if head[0] != b"PK\1\2" or left < 0:
            raise broken("its directory has an entry that is none")
        yield _member(head, raw, extra)
    if left:
        raise broken(f"its directory has {left} bytes too many")


def _member(head: tuple[int, ...], raw: bytes, extra: bytes) -> Member:
    flags, name = head[5], _decoded(raw, bool(head[5] & _UTF8))
    packed, size, offset = head[10], head[11], head[18]
    if LARGE in (packed, size, offset):
        size, packed, offset = _large(extra, (size, packed, offset), name)
    return Member(name, raw, flags, head[6], head[9], packed, size, head[17] >> 16, offset)


def _large(extra: bytes, given: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Sizes and offset beyond 32 bits, which the extra field of kind 1 has in this order."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            field = extra[at + 4 : at + 4 + length]
            told = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            try:
                return tuple(next(told) if value == LARGE else value for value in given)
            except (StopIteration, RuntimeError):
                break
        at += 4 + length
    raise broken("a large member does not say how large", name)


def _decoded(raw: bytes, is_utf8: bool) -> str:
    """A member's name: UTF-8, which most archivers write without saying so, else code page 437."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        if is_utf8:
            raise broken("a member's name is not UTF-8", raw.decode(errors="replace")) from None
        return raw.decode("cp437")
