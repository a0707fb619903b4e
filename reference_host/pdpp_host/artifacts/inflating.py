"""The bytes of one member of an archive, checked while they come, never more than 64 KiB of them at once."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from pdpp_host.artifacts.directory import Member
from pdpp_host.artifacts.limits import Limits
from pdpp_host.artifacts.refusals import broken, told, too_large, unreadable

CHUNK = 64 * 1024
STORED, DEFLATED = 0, 8
# Encrypted, strongly encrypted, with a masked directory.
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_AES = 99


def check_method(member: Member) -> None:
    """Raises ArtifactRefused for a member that is encrypted or packed as the host does not read."""
    name = told(member.name)
    if member.flags & _ENCRYPTED or member.method == _AES:
        raise unreadable(f"the member {name!r} is encrypted; pack it without a password", member.name)
    if member.method not in (STORED, DEFLATED):
        raise unreadable(
            f"the member {name!r} is packed by method {member.method}; pack it by deflate", member.name
        )


def contents(file: BinaryIO, member: Member, begin: int, limits: Limits) -> Iterator[bytes]:
    """A member's bytes in chunks; raises ArtifactRefused as soon as they are too many or not what was said.

    What is counted is what came out: the sizes in headers only have to agree with it in the end.
    """
    file.seek(begin)
    chunks = _stored(file, member) if member.method == STORED else _inflated(file, member)
    size, crc = 0, 0
    for chunk in chunks:
        size += len(chunk)
        crc = zlib.crc32(chunk, crc)
        if size > limits.ratio_from and size > limits.ratio * member.packed:
            said = f"unpacks to more than {limits.ratio} times its size; unpack it and send its parts"
            raise too_large(f"the member {told(member.name)!r} {said}", member.name)
        if size > member.size:
            raise broken(f"it holds more than the {member.size} bytes that it says", member.name)
        yield chunk
    if size != member.size or crc != member.crc:
        raise broken(f"its {size} bytes are not the {member.size} that it says", member.name)


def _stored(file: BinaryIO, member: Member) -> Iterator[bytes]:
    left = member.packed
    while left:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise broken("it ends too early", member.name)
        left -= len(chunk)
        yield chunk


def _inflated(file: BinaryIO, member: Member) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _stored(file, member):
            rest = packed
            while rest and not inflater.eof:
                yield inflater.decompress(rest, CHUNK)
                rest = inflater.unconsumed_tail
            if rest or inflater.unused_data:
                raise broken("more data follow where it ends", member.name)
        while not inflater.eof and (more := inflater.decompress(inflater.unconsumed_tail, CHUNK)):
            yield more
    except zlib.error as error:
        raise broken(str(error), member.name) from None
    if not inflater.eof:
        raise broken("its data end too early", member.name)
