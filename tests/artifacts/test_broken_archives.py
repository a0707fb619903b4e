"""Archives that are cut off, corrupt, or in parts, are refused with nothing left."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from archives import FOLDER, MBOX, Entry, archive, deflated, files, refused, stage

from pdpp_host.artifacts import ArtifactRefused

GOOD = archive(Entry("a", MBOX * 100), Entry("b", bytes(range(256)) * 20, method=0))


@pytest.mark.parametrize("length", [4, 10, 30, len(GOOD) // 2, len(GOOD) - 60, len(GOOD) - 22, len(GOOD) - 1])
def test_truncated_archives(tmp_path: Path, length: int) -> None:
    """An archive without its end is refused."""
    assert refused(tmp_path, GOOD[:length]).code == "artifact_unreadable"


@pytest.mark.parametrize(
    "entry",
    [
        Entry("odd", b"abc", crc=5),
        Entry("odd", b"abc", method=0, crc=5),
        Entry("odd", b"abc", size=2),
        Entry("odd", b"abc", size=4),
        Entry("odd", b"abc", packed=b"\xff\xff\xff"),
        Entry("odd", b"abc", packed=deflated(b"abc")[:-1]),
        Entry("odd", b"abc", packed=deflated(b"abc") + b"more"),
        Entry("odd", b"abc", packed=deflated(b"abc").ljust(200_000, b"\0")),
        Entry("odd", b"", packed=b""),
        Entry("odd", own_name=b"add"),
        Entry("odd/", b"abc", mode=FOLDER),
        Entry("odd", offset=2**31),
        Entry("odd", offset=1),
        Entry("odd", b"abc", packed=b"abc", method=0, size=2**31),
    ],
)
def test_corrupt_members(tmp_path: Path, entry: Entry) -> None:
    """What does not agree with its headers, its checksum or itself is refused and named."""
    error = refused(tmp_path, archive("fine", entry))
    assert error.code == "artifact_unreadable" or (entry.offset == 1 and error.code == "artifact_unsafe")
    assert error.member == entry.name


def test_a_member_that_runs_into_the_directory(tmp_path: Path) -> None:
    """Data end where the directory begins, even where all that is said of them agrees."""
    data = bytearray(archive(Entry("odd", b"abc", 0)))
    begin, entry = 30 + len("odd"), data.index(b"PK\1\2")
    struct.pack_into("<2L", data, entry + 20, 10, 10)
    content = bytes(data[begin : begin + 10])
    struct.pack_into("<L", data, entry + 16, zlib.crc32(content))
    assert bytes(data[begin : begin + 10]) == content
    error = refused(tmp_path, bytes(data))
    assert (error.code, error.member) == ("artifact_unreadable", "odd")


def test_a_member_that_is_encrypted_by_its_own_header(tmp_path: Path) -> None:
    """A member's own header and the directory agree on whether it is encrypted."""
    data = bytearray(archive("odd"))
    data[6] |= 1
    assert refused(tmp_path, bytes(data)).member == "odd"


def test_every_bit_of_an_archive(tmp_path: Path) -> None:
    """An archive with any one bit turned is refused, or holds what it held but for names and modes."""
    data = archive(Entry("a", b"hello" * 50), Entry("b", b"world", method=0))
    for bit in range(len(data) * 8):
        turned = bytearray(data)
        turned[bit // 8] ^= 1 << bit % 8
        home = tmp_path / str(bit)
        with suppress(ArtifactRefused):
            found = stage(home, bytes(turned))
            held = set(files(found.folder).values())
            assert found.source_format == "file" or held == {b"hello" * 50, b"world"}


def test_a_part_of_several(tmp_path: Path) -> None:
    """One disk of a spanned archive is refused as that."""
    data = bytearray(archive("a"))
    data[-22 + 4] = 1
    error = refused(tmp_path, bytes(data))
    assert error.code == "artifact_unreadable"
    assert "parts" in error.message
