"""Archives that would fill disk or memory are refused before they do."""

from __future__ import annotations

import random
import struct
import tracemalloc
import zlib
from pathlib import Path

from archives import Entry, archive, files, refused, stage

from pdpp_host.artifacts import Limits


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


def test_a_directory_that_is_too_large(tmp_path: Path) -> None:
    """What must be held in memory is bounded whatever the archive counts."""
    entries = [Entry("é" * 30_000 + str(n), b"", 0) for n in range(300)]
    assert refused(tmp_path, archive(*entries)).code == "artifact_too_large"
