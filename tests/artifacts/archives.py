"""Zip archives written byte by byte, so that each of their fields can lie."""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pdpp_host.artifacts import Artifact, ArtifactRefused, Limits, Staging

MBOX = b"From a@example.org Thu Jan  1 00:00:00 2026\n\nhello\n"
FOLDER = stat.S_IFDIR | 0o755


@dataclass(frozen=True)
class Entry:
    """A member; what is None is what it should be."""

    name: str | bytes
    data: bytes = b"text"
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    packed: bytes | None = None
    crc: int | None = None
    size: int | None = None
    offset: int | None = None
    own_name: bytes | None = None

    @property
    def raw(self) -> bytes:
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    @property
    def content(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflated(self.data) if self.method == 8 else self.data

    def fields(self) -> bytes:
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        size = len(self.data) if self.size is None else self.size
        return struct.pack("<3HL3L", self.method, 0, 0, crc, len(self.content), size, 0)[:-4]


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def archive(*entries: Entry | str, comment: bytes = b"", counted: int | None = None) -> bytes:
    """An archive of these members; a text is a member of that name."""
    out, central = bytearray(), bytearray()
    members = [Entry(each) if isinstance(each, str) else each for each in entries]
    for each in members:
        offset = len(out) if each.offset is None else each.offset
        own = each.raw if each.own_name is None else each.own_name
        out += struct.pack("<4s2H", b"PK\3\4", 20, each.flags) + each.fields()
        out += struct.pack("<2H", len(own), 0) + own + each.content
        central += struct.pack("<4s2BHH", b"PK\1\2", 20, 3, 20, each.flags) + each.fields()
        central += struct.pack("<5H2L", len(each.raw), 0, 0, 0, 0, each.mode << 16, offset) + each.raw
    count = len(members) if counted is None else counted
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(central), len(out), len(comment))
    return bytes(out + central) + end + comment


def stage(
    home: Path,
    data: bytes | Sequence[bytes],
    name: str = "x.zip",
    limits: Limits | None = None,
    limit: int = 2**30,
) -> Artifact:
    """Stage bytes; the artifact, whose folder stays until the home is removed."""
    staged = Staging(home, limit, limits).open(name)
    for chunk in [data] if isinstance(data, bytes) else data:
        staged.write(chunk)
    return staged.finish()


def refused(home: Path, data: bytes, limits: Limits | None = None) -> ArtifactRefused:
    """The refusal of these bytes, which leaves nothing on disk."""
    with pytest.raises(ArtifactRefused) as caught:
        stage(home, data, limits=limits)
    assert left(home) == []
    assert caught.value.message.isprintable()
    return caught.value


def left(home: Path) -> list[str]:
    """What lies in a home, but for its lock."""
    return sorted(str(each.relative_to(home)) for each in home.rglob("*") if each.name != ".lock")


def files(folder: Path) -> dict[str, bytes]:
    """The files below a folder, by path."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }
