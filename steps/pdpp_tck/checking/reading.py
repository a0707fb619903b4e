"""Files of lines, read as a stream: the recorder's transcripts, or what a connector said on stdout.

In a capture the host's own lines may stand among the connector's; they are known by their type.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pdpp_tck.monitor.heard import BLANK, LINE_LIMIT

CHUNK = 256 * 1024
NOTE_LIMIT = 2 * LINE_LIMIT
_DIRECTIONS = ("in", "out", "err", "exit")
_HOSTS = (b'"START"', b'"INTERACTION_RESPONSE"', b'"DETAIL_GAPS_PAGE_RESPONSE"')
_HOSTS_TYPES = ("START", "INTERACTION_RESPONSE", "DETAIL_GAPS_PAGE_RESPONSE")


class Unreadable(Exception):
    """A file is neither a transcript nor a capture; one sentence with file, line and what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line as the monitor hears it; `n` is its number in the file.

    `cut` tells that the file ends within it, `oversize` that it is longer than any line may be.
    """

    n: int
    direction: str
    text: str
    utf8: bool = True
    cut: bool = False
    oversize: bool = False


def read(path: Path) -> tuple[bool, Iterator[Told]]:
    """Whether a file is a transcript, and its lines; raises Unreadable, also while they are read."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read: {error.strerror}") from None
    with file:
        recorded = _recorded(path, file)
    return recorded, _lines(path, recorded)


def _recorded(path: Path, file: BinaryIO) -> bool:
    """By its first line that is not blank; evidence of a run is told apart, for it is judged otherwise."""
    try:
        first = next((raw for raw, _, _ in _split(file) if raw.strip()), b"")
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read: {error.strerror}") from None
    value = _object(first)
    if value.get("entry") == "header":
        raise Unreadable(f"{path}: is evidence of a run; judge it again with: pdpp-tck replay {path}")
    return value.get("dir") in _DIRECTIONS and ("line" in value or "b64" in value)


def _lines(path: Path, recorded: bool) -> Iterator[Told]:
    limit = NOTE_LIMIT if recorded else LINE_LIMIT
    try:
        with path.open("rb") as file:
            for n, (raw, cut, oversize) in enumerate(_split(file, limit), start=1):
                if recorded:
                    told = _note(path, n, raw, cut, oversize)
                    if told is not None:
                        yield told
                else:
                    yield _captured(n, raw, cut, oversize)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read to its end: {error.strerror}") from None


def _split(file: BinaryIO, limit: int = LINE_LIMIT) -> Iterator[tuple[bytes, bool, bool]]:
    """(line without its LF, whether the file ends in it, whether it is longer than the limit).

    Of a line that is too long nothing is kept.
    """
    held, skipping = bytearray(), False
    while chunk := file.read(CHUNK):
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            held += part
            yield (b"", False, True) if skipping or len(held) > limit else (bytes(held), False, False)
            held, skipping = bytearray(), False
        held += rest
        if len(held) > limit:
            held, skipping = bytearray(), True
    if held or skipping:
        yield bytes(held), True, skipping


def _captured(n: int, raw: bytes, cut: bool, oversize: bool) -> Told:
    direction = "in" if any(mark in raw for mark in _HOSTS) and _is_hosts(raw) else "out"
    try:
        return Told(n, direction, raw.decode("utf-8"), cut=cut, oversize=oversize)
    except UnicodeDecodeError:
        return Told(n, direction, raw.decode("utf-8", "replace"), utf8=False, cut=cut)


def _is_hosts(raw: bytes) -> bool:
    return _object(raw).get("type") in _HOSTS_TYPES


def _note(path: Path, n: int, raw: bytes, cut: bool, oversize: bool) -> Told | None:
    """A line of the recorder's; None for a blank one and for one that the file's end cut off."""
    if not raw.strip() and not oversize:
        return None
    value = _object(raw)
    direction, text, b64 = value.get("dir"), value.get("line"), value.get("b64")
    if direction in _DIRECTIONS and isinstance(text, str):
        return Told(n, direction, text)
    if direction in _DIRECTIONS and isinstance(b64, str):
        try:
            content = base64.b64decode(b64, validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable(f"{path}: line {n}: b64 is no base64; was it edited?") from None
        return Told(n, direction, content.decode("utf-8", "replace"), utf8=False)
    if cut:
        return None
    what = f"is longer than {NOTE_LIMIT} bytes" if oversize else "is no note with dir and line"
    raise Unreadable(f"{path}: line {n} {what}; a transcript was begun, was it edited?")


def _object(raw: bytes) -> dict[str, Any]:
    """The JSON object in a line, an empty one for anything else."""
    try:
        value = json.loads(raw.decode("utf-8").strip(BLANK))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
