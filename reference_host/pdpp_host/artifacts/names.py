"""Names that strangers chose, and what the host makes of them."""

from __future__ import annotations

import re
import unicodedata

from pdpp_host.artifacts.refusals import told, unsafe

NAME_BYTES = 255
PATH_BYTES = 1024
DEEPEST = 32
DEFAULT = "artifact"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")


def safe_name(given: str) -> str:
    """The last component of a file's name, as a name that any folder can hold; never hidden, never empty."""
    last = re.split(r"[/\\]", given)[-1]
    name = _cut(_CONTROL.sub("", last).strip().lstrip(". "))
    return name or DEFAULT


def safe_path(name: str) -> str:
    """A member's name without a folder's slash; raises ArtifactRefused where it may lead outside."""
    path = name.removesuffix("/")
    said = _unsafe_because(path)
    if said is not None:
        raise unsafe(f"the member {told(name)!r} {said}; pack the archive anew with plain names", name)
    return path


def same_name(path: str) -> str:
    """What two paths share that some file system holds for one: without case, and in one normal form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def _unsafe_because(name: str) -> str | None:
    if "\0" in name:
        return "has a NUL in its name"
    if "\\" in name or _DRIVE.match(name):
        return "has a backslash or a drive letter in its name"
    if name.startswith("/"):
        return "has an absolute name"
    parts = name.split("/")
    if ".." in parts:
        return "leads out of the archive"
    if not all(parts) or "." in parts:
        return "has an empty part in its name"
    if len(parts) > DEEPEST:
        return f"lies deeper than {DEEPEST} folders"
    if len(name.encode()) > PATH_BYTES or any(len(part.encode()) > NAME_BYTES for part in parts):
        return f"has a name over {PATH_BYTES} bytes, or a part of it over {NAME_BYTES}"
    return None


def _cut(name: str) -> str:
    """The name in 255 bytes, its extension kept: connectors go by it."""
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = f".{extension}" if dot and len(extension.encode()) < 32 else ""
    head = stem if tail else name
    return head.encode()[: NAME_BYTES - len(tail.encode())].decode(errors="ignore") + tail
