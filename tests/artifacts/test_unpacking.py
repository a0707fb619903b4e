"""Archives: what is taken is written as it was, and what could harm is refused with nothing left."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from archives import FOLDER, MBOX, Entry, archive, files, refused, stage


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


@pytest.mark.parametrize("data", [archive(), archive(Entry("a/", b"", 0, mode=FOLDER))])
def test_an_empty_archive(tmp_path: Path, data: bytes) -> None:
    """An archive without a file is refused."""
    assert refused(tmp_path, data).code == "artifact_unreadable"
