"""Archives: what is taken is written as it was, and what could harm is refused with nothing left."""

from __future__ import annotations

import gzip
import io
import random
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from archives import MBOX, Entry, archive, deflated, files, refused, stage

from pdpp_host.artifacts import ArtifactRefused, Limits

LINK, DEVICE, FIFO, FOLDER = (
    stat.S_IFLNK | 0o777,
    stat.S_IFCHR | 0o600,
    stat.S_IFIFO | 0o600,
    stat.S_IFDIR | 0o755,
)


def test_what_an_archive_holds(tmp_path: Path) -> None:
    """Members are written under their paths, by deflate or plain, empty ones and empty folders too."""
    data = archive(
        Entry("Takeout/Mail/All mail.mbox", MBOX * 10_000),
        Entry("Takeout/plain", b"abc", method=0),
        Entry("Takeout/none", b"", method=0),
        Entry("Takeout/Mail/", b"", method=0, mode=FOLDER),
        Entry("empty folder/", b"", method=0, mode=FOLDER),
        Entry("Entwürfe/größe", b"x"),
    )
    artifact = stage(tmp_path, data, "Takeout 1.zip")
    assert files(artifact.folder) == {
        "Takeout/Mail/All mail.mbox": MBOX * 10_000,
        "Takeout/plain": b"abc",
        "Takeout/none": b"",
        "Entwürfe/größe": b"x",
    }
    assert (artifact.folder / "empty folder").is_dir()
    assert (artifact.source_format, artifact.size) == ("zip", len(data))
    assert {stat.S_IMODE(each.stat().st_mode) for each in artifact.folder.rglob("*")} == {0o600, 0o700}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_of_another_hand(tmp_path: Path, method: int, streamed: bool) -> None:
    """What the standard library writes is read, also without seeking and with the sizes of large members."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return not streamed

    out = Pipe()
    with zipfile.ZipFile(out, "w", method) as packer:
        packer.comment = b"PK\5\6 is how a comment may look"
        for name, data in {"a/b.txt": b"b" * 100_000, "c": b""}.items():
            with packer.open(name, "w", force_zip64=True) as member:
                member.write(data)
    assert files(stage(tmp_path, out.getvalue()).folder) == {"a/b.txt": b"b" * 100_000, "c": b""}


def test_a_large_directory_record(tmp_path: Path) -> None:
    """An archive may end with the record of large ones."""
    data = archive("a", "b")
    end = data.rindex(b"PK\5\6")
    count, _, size, offset = struct.unpack_from("<2H2L", data, end + 8)
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert sorted(files(stage(tmp_path, data[:end] + large + locator + tail).folder)) == ["a", "b"]


def test_what_macos_adds_is_left_out(tmp_path: Path) -> None:
    """`__MACOSX/` and `.DS_Store` are not what the owner packed."""
    clutter = ["__MACOSX/", "__MACOSX/._a", "__MACOSX/b/._c", ".DS_Store", "b/.DS_Store"]
    entries = [Entry(name, b"", 0, mode=FOLDER if name.endswith("/") else 0o100644) for name in clutter]
    assert sorted(files(stage(tmp_path, archive("a", *entries, "b/c")).folder)) == ["a", "b/c"]
    assert refused(tmp_path / "2", archive(*entries)).code == "artifact_unreadable"


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


@pytest.mark.parametrize("data", [archive(), archive(Entry("a/", b"", 0, mode=FOLDER))])
def test_an_empty_archive(tmp_path: Path, data: bytes) -> None:
    """An archive without a file is refused."""
    assert refused(tmp_path, data).code == "artifact_unreadable"


def test_too_many_members(tmp_path: Path) -> None:
    """Members and the folders that they need are counted together; as many as the limit are taken."""
    limits = Limits(members=4)
    assert len(files(stage(tmp_path / "1", archive("a", "b", "c/d"), limits=limits).folder)) == 3
    assert refused(tmp_path / "2", archive("a", "b", "c", "d", "e"), limits).code == "artifact_too_large"
    assert refused(tmp_path / "3", archive("a", "b/c/d", "e"), limits).code == "artifact_too_large"
    assert refused(tmp_path / "4", archive("a", "b", counted=3), limits).code == "artifact_unreadable"
    assert refused(tmp_path / "5", archive("a", "b", counted=1), limits).code == "artifact_unreadable"


def test_bombs_by_ratio(tmp_path: Path) -> None:
    """A member that unpacks to too many times its size is refused while it does, not when it has."""
    limits = Limits(ratio=100, ratio_from=100_000)
    bomb = Entry("bomb", bytes(50_000_000))
    error = refused(tmp_path, archive("fine", bomb), limits)
    assert (error.code, error.member) == ("artifact_too_large", "bomb")
    assert stage(tmp_path / "2", archive(Entry("small", bytes(100_000))), limits=limits).size < 1000
    text = random.Random(1).randbytes(20_000)
    assert stage(tmp_path / "3", archive(Entry("large", text * 40)), limits=limits).size > 20_000


def test_bombs_that_lie(tmp_path: Path) -> None:
    """What is counted is what comes out, whatever the headers say."""
    bomb = Entry("bomb", bytes(50_000_000), size=10)
    tracemalloc.start()
    error = refused(tmp_path, archive("fine", bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (error.code, error.member) == ("artifact_unreadable", "bomb")
    assert peak < 5_000_000 + len(bomb.content)


def test_the_total_is_bounded(tmp_path: Path) -> None:
    """Members that are small each may not be large together."""
    entries = [Entry(f"m{n}", b"x" * 1000) for n in range(10)]
    assert refused(tmp_path, archive(*entries), Limits(unpacked=9_999)).code == "artifact_too_large"
    assert len(files(stage(tmp_path / "2", archive(*entries), limits=Limits(unpacked=10_000)).folder)) == 10


def test_members_that_share_bytes(tmp_path: Path) -> None:
    """Two entries of the directory for the same bytes are refused: a bomb needs no nesting (Fifield 2019)."""
    for name in ("a", "b"):
        assert refused(tmp_path, archive(Entry("a"), Entry(name, offset=0))).code == "artifact_unsafe"


def quoting() -> bytes:
    """A bomb whose first member is, unpacked, the header of the second one and its data."""
    kernel = Entry("b", b"\0" * 1000)
    inner = archive(kernel)[: -46 - len("b") - 22]
    quote = b"\0" + struct.pack(
        "<2H", len(inner) - len(kernel.content), 0xFFFF ^ len(inner) - len(kernel.content)
    )
    header = inner[: len(inner) - len(kernel.content)]
    content = quote + header + kernel.content
    data = header + kernel.data
    entry = Entry("a", data, packed=content)
    start = 30 + len("a") + len(quote)
    body = archive(entry, Entry("b", kernel.data, packed=kernel.content, offset=start))
    assert zlib.decompress(content, -15) == data
    return body


def test_a_bomb_that_quotes_headers(tmp_path: Path) -> None:
    """A member whose data hold another member's header shares bytes with it."""
    assert refused(tmp_path, quoting()).code == "artifact_unsafe"


def test_a_part_of_several(tmp_path: Path) -> None:
    """One disk of a spanned archive is refused as that."""
    data = bytearray(archive("a"))
    data[-22 + 4] = 1
    error = refused(tmp_path, bytes(data))
    assert error.code == "artifact_unreadable"
    assert "parts" in error.message


def test_a_directory_that_is_too_large(tmp_path: Path) -> None:
    """What must be held in memory is bounded whatever the archive counts."""
    entries = [Entry("é" * 30_000 + str(n), b"", 0) for n in range(300)]
    assert refused(tmp_path, archive(*entries)).code == "artifact_too_large"
