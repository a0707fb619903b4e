"""Members of an archive: what their names, kinds and compression may be."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
from pathlib import Path

import pytest
from archives import FOLDER, Entry, archive, files, refused, stage

LINK, DEVICE, FIFO = stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o600, stat.S_IFIFO | 0o600


def test_names_in_an_old_code_page(tmp_path: Path) -> None:
    """A name that is not UTF-8 and does not say that it is, is in the code page of old archivers."""
    assert list(files(stage(tmp_path, archive(Entry(b"gr\x94\xe1e"))).folder)) == ["größe"]
    assert refused(tmp_path / "2", archive(Entry(b"gr\x94\xe1e", flags=0x800))).code == "artifact_unreadable"


@pytest.mark.parametrize(
    "name",
    [
        "../a",
        "a/../../b",
        "a/..",
        "..",
        "/a",
        "//a",
        "/",
        "",
        "a//b",
        "./a",
        "a/./b",
        "a\\b",
        "..\\a",
        "C:a",
        "c:/a",
        "a\0b",
        "a" * 256,
        "é" * 128,
        "/".join("a" * 33),
        "/".join(["a" * 200] * 6),
        "__MACOSX/../../a",
    ],
)
def test_names_that_lead_outside(tmp_path: Path, name: str) -> None:
    """A name that is absolute, goes up, is none, or is read otherwise somewhere, is refused and named."""
    error = refused(tmp_path, archive("fine", Entry(name)))
    assert error.code == "artifact_unsafe"
    assert error.member == name.replace("\0", "\ufffd")[:1024]


@pytest.mark.parametrize("mode", [LINK, DEVICE, FIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices(tmp_path: Path, mode: int) -> None:
    """Members are files and folders and nothing else."""
    error = refused(tmp_path, archive("fine", Entry("odd", b"/etc/passwd", mode=mode)))
    assert (error.code, error.member) == ("artifact_unsafe", "odd")


@pytest.mark.parametrize("entry", [Entry("odd", mode=FOLDER), Entry("odd/", b"", 0)])
def test_a_member_that_says_both(tmp_path: Path, entry: Entry) -> None:
    """A folder's name ends with a slash and a file's does not."""
    assert refused(tmp_path, archive("fine", entry)).code == "artifact_unsafe"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a", "a"),
        ("a", "A"),
        ("Straße", "STRASSE"),
        ("caf\u00e9", "cafe\u0301"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("a/b", "A/c"),
        ("x/a/b", "x/a/B"),
    ],
)
def test_names_that_fall_together(tmp_path: Path, first: str, second: str) -> None:
    """Two members that any file system would hold for one, and a file that is a folder too, are refused."""
    error = refused(tmp_path, archive(first, second))
    assert (error.code, error.member) == ("artifact_unsafe", second)


@pytest.mark.parametrize("flags", [0x1, 0x40, 0x2000, 0x41])
def test_encrypted_members(tmp_path: Path, flags: int) -> None:
    """What wants a password is refused as that."""
    error = refused(tmp_path, archive("fine", Entry("secret", flags=flags)))
    assert (error.code, error.member) == ("artifact_unreadable", "secret")
    assert "encrypted" in error.message


@pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 93, 99])
def test_compression_that_is_not_read(tmp_path: Path, method: int) -> None:
    """Methods besides deflate and none are refused and named, AES as encrypted."""
    error = refused(tmp_path, archive("fine", Entry("odd", method=method)))
    assert (error.code, error.member) == ("artifact_unreadable", "odd")
    assert ("encrypted" if method == 99 else f"method {method}") in error.message


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packer:
        packer.addfile(tarfile.TarInfo("x"))
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        archive("x"),
        archive(),
        gzip.compress(b"x", mtime=0),
        tar(),
        b"BZh91AY&SY",
        b"\xfd7zXZ\0",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07\1",
        b"\x28\xb5\x2f\xfd",
    ],
)
@pytest.mark.parametrize("method", [0, 8])
def test_archives_in_archives(tmp_path: Path, data: bytes, method: int) -> None:
    """A member that is packed once more is refused by its content, whatever it is called."""
    error = refused(tmp_path, archive("fine", Entry("photo.jpg", data, method)))
    assert (error.code, error.member) == ("artifact_unsafe", "photo.jpg")
