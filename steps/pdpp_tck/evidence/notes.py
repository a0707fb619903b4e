"""The evidence file: a header, one JSON line for each thing that crossed the door, and a seal.

The seal is the SHA-256 of every byte before it. It finds edits and truncation; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

FORMAT = 1
# Made once: `json.dumps` would make one for each entry.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_LONGEST = 64


def file_name(name: str) -> str:
    """A name of anything as a part of a file's name: ordinary ones stay, two names are never one.

    Every byte but letters, digits, `.`, `_` and `-` is percent-encoded, and so is a leading dot, so that no
    name leaves its folder or hides in it. What is too long for a file system is cut and gets a digest.
    """
    plain = "".join(map(_plain, name.encode("utf-8", "surrogatepass")))
    if plain.startswith("."):
        plain = f"%2E{plain[1:]}"
    if len(plain) <= _LONGEST:
        return plain or "%"
    digest = hashlib.sha256(plain.encode()).hexdigest()[:16]
    return f"{plain[: _LONGEST - 17]}~{digest}"


def _plain(byte: int) -> str:
    return chr(byte) if byte in _PLAIN else f"%{byte:02X}"


class EvidenceError(Exception):
    """An evidence file cannot be judged; the message says why and what to do."""


class Notes:
    """The entries of one execution, in memory and, line by line, in a file."""

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.header: dict[str, Any] = {"entry": "header", "format": FORMAT, **header}
        self.entries: list[dict[str, Any]] = []
        self._file = path.open("xb")
        self._digest = hashlib.sha256()
        self._write(self.header)

    def add(self, kind: str, began: float, ended: float, **content: Any) -> dict[str, Any]:
        """Append an entry; it is on disk when this returns."""
        entry = {
            "entry": kind,
            "n": len(self.entries) + 1,
            "began": round(began, 6),
            "ended": round(ended, 6),
            **content,
        }
        self._write(entry)
        self.entries.append(entry)
        return entry

    def close(self) -> None:
        """Seal and close the file."""
        self._write({"entry": "seal", "sha256": self._digest.hexdigest()})
        self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        text = _encode(entry) + "\n"
        line = text.encode("utf-8", "surrogatepass")
        self._digest.update(line)
        self._file.write(line)
        self._file.flush()


def read_notes(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The header and the entries of a sealed evidence file; raises EvidenceError for any other."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror}") from None
    lines = [_entry(path, number, line) for number, line in enumerate(content.split(b"\n")[:-1], start=1)]
    if not lines or lines[0].get("entry") != "header" or lines[0].get("format") != FORMAT:
        raise EvidenceError(
            f"{path}: line 1 is no evidence header of format {FORMAT}; was this made by a run?"
        )
    absent = sorted({"id", "kind", "digest", "seed", "subjects"} - lines[0].keys())
    if absent:
        raise EvidenceError(f"{path}: the header lacks {', '.join(absent)}; was this made by a run?")
    if lines[-1].get("entry") != "seal" or not content.endswith(b"\n"):
        raise EvidenceError(
            f"{path}: has no seal at its end; the run was cut off or the file was, run it again"
        )
    sealed = content[: content[:-1].rfind(b"\n") + 1]
    if lines[-1].get("sha256") != hashlib.sha256(sealed).hexdigest():
        raise EvidenceError(
            f"{path}: differs from what was sealed; it was edited after the run, run it again"
        )
    return lines[0], lines[1:-1]


def _entry(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise EvidenceError(f"{path}: line {number} is not JSON: {error}") from None
    if not isinstance(entry, dict):
        raise EvidenceError(f"{path}: line {number} is no entry")
    return entry
