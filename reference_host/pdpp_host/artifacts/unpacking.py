"""What an artifact is, by its content, and a zip archive's members as files of a folder."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from pdpp_host.artifacts.directory import Member, apart, read_directory
from pdpp_host.artifacts.inflating import check_method, contents
from pdpp_host.artifacts.limits import Limits
from pdpp_host.artifacts.names import safe_path, same_name
from pdpp_host.artifacts.refusals import broken, told, too_large, unreadable, unsafe

SourceFormat = Literal["zip", "mbox", "file"]
Placed = tuple[Member, str]
_HEAD = 512
_ZIP = (b"PK\3\4", b"PK\5\6", b"PK\7\x08")
# gzip, compress, bzip2, xz, 7-Zip, RAR, Zstandard, LZ4, lzip, cabinets, ar.
_PACKED = (
    *_ZIP,
    *(b"\x1f\x8b\x08", b"\x1f\x9d", *(b"BZh%d1AY&SY" % level for level in range(1, 10)), b"\xfd7zXZ\0"),
    *(b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"LZIP"),
    *(b"MSCF\0\0\0\0", b"!<arch>\n"),
)
_TAR = slice(257, 262)


def source_format(head: bytes) -> SourceFormat:
    """What bytes are that begin so; their name is not asked."""
    if head.startswith(_ZIP):
        return "zip"
    return "mbox" if head.startswith(b"From ") else "file"


def unpack(archive: BinaryIO, folder: Path, limits: Limits) -> None:
    """Write an archive's members into an empty folder of our own.

    Raises ArtifactRefused; what was written by then is the caller's to remove. Everything that the
    directory can tell is looked at before the first byte is written.
    """
    members = read_directory(archive, limits.members)
    begins = apart(archive, members)
    placed = list(_placed(members))
    _check_names(placed, limits.members)
    if all(_is_folder(member) for member, _ in placed):
        raise unreadable("the archive is empty; send one that holds something")
    left = limits.unpacked
    for member, path in placed:
        place = folder / path
        if _is_folder(member):
            _make(place)
            continue
        _make(place.parent)
        left -= _write(place, member, contents(archive, member, begins[member.offset], limits), left)


def _placed(members: Iterable[Member]) -> Iterator[Placed]:
    """Members and their paths, each of them checked, without what macOS adds to every archive."""
    for member in members:
        path = safe_path(member.name)
        _check_kind(member)
        check_method(member)
        if not f"{path}/".startswith("__MACOSX/") and not f"/{path}".endswith("/.DS_Store"):
            yield member, path


def _check_kind(member: Member) -> None:
    """A member is a file or, with a slash at its name's end, a folder, and nothing else."""
    name, kind = told(member.name), stat.S_IFMT(member.mode)
    is_folder = _is_folder(member)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise unsafe(f"the member {name!r} is a link or a device; pack files and folders only", member.name)
    if (kind == stat.S_IFDIR and not is_folder) or (kind == stat.S_IFREG and is_folder):
        raise unsafe(f"the member {name!r} says both file and folder; pack the archive anew", member.name)
    if is_folder and member.size:
        raise broken("a folder has content", member.name)


def _is_folder(member: Member) -> bool:
    return member.name.endswith("/")


def _check_names(placed: list[Placed], limit: int) -> None:
    """No two members may fall together on any file system, nor be more than `limit` with all folders."""
    taken: dict[str, tuple[str, bool]] = {}
    for member, path in placed:
        for part, is_file in _parts(path, not _is_folder(member)):
            before = taken.get(key := same_name(part))
            if before is not None and (is_file or before != (part, False)):
                said = f"{told(before[0])!r} and {told(path)!r} would be one on some file systems; rename one"
                raise unsafe(f"two members have the same name: {said}", member.name)
            taken[key] = part, is_file
        if len(taken) > limit:
            raise too_large(f"the archive has more than {limit} members and folders; split it", member.name)


def _parts(path: str, is_file: bool) -> Iterator[tuple[str, bool]]:
    """The folders on the way to a path, and the path; whether each of them is a file."""
    for slash in re.finditer("/", path):
        yield path[: slash.start()], False
    yield path, is_file


def _make(folder: Path) -> None:
    """Make a folder and those on the way to it; none of them is a link, for nobody else writes here."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(mode=0o700)


def _write(file: Path, member: Member, chunks: Iterable[bytes], left: int) -> int:
    """Write a member's bytes and return how many they are, at most `left`."""
    size, head = 0, b""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as out:
        for chunk in chunks:
            size += len(chunk)
            if size > left:
                raise too_large("the archive unpacks to more than the host takes; split it", member.name)
            if len(head) < _HEAD:
                head += chunk[:_HEAD]
            out.write(chunk)
    if head.startswith(_PACKED) or head[_TAR] == b"ustar":
        said = "is an archive itself or packed once more; unpack it and pack the files that it holds"
        raise unsafe(f"the member {told(member.name)!r} {said}", member.name)
    return size
