"""What the protocol monitor finds in recorded runs, an evidence file at a time."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from pdpp_tck.evidence.notes import EvidenceError, read_notes
from pdpp_tck.evidence.transcripts import Line, Transcript
from pdpp_tck.monitor import Breach, Limits, watch
from pdpp_tck.monitor.shapes import EXTENSIONS

Entries = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """A breach, the line that it is, and the run and scenario in which it was said."""

    breach: Breach
    line: Line
    scenario: str

    def __str__(self) -> str:
        return f"{self.breach.what} (run {self.line.run!r} of {self.scenario})"


@dataclass(frozen=True, slots=True)
class Watched:
    """What was found in some runs: how many there were, how many ended well, which extensions were said."""

    runs: int = 0
    ended_well: int = 0
    found: tuple[Found, ...] = ()
    extensions: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Watched) -> Watched:
        return Watched(
            self.runs + other.runs,
            self.ended_well + other.ended_well,
            self.found + other.found,
            self.extensions + other.extensions,
        )


def reference(path: Path, beside: Path) -> dict[str, str]:
    """How one evidence file names another: its path from the folder `beside`, and its digest."""
    return {"path": os.path.relpath(path, beside), "sha256": _digest(path)}


def referred(refers: dict[str, str], beside: Path) -> Watched:
    """What was found in a file that another names; raises EvidenceError when it is not that file any more."""
    path = (beside / refers["path"]).resolve()
    try:
        digest = _digest(path)
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read: {error.strerror}; another recording needs it") from None
    if digest != refers["sha256"]:
        raise EvidenceError(f"{path}: is not the file that another recording was judged by; run both again")
    return _of_file(path, digest)


@lru_cache(maxsize=1024)
def _of_file(path: Path, digest: str) -> Watched:
    header, entries = read_notes(path)
    return watched(header["id"], entries)


def watched(scenario: str, entries: Entries) -> Watched:
    """What was found in the runs that these entries note."""
    total, limits = Watched(), limits_of(entries)
    for entry in entries:
        if entry["entry"] == "run":
            total += _of_run(scenario, entry, limits)
    return total


def limits_of(entries: Entries) -> Limits:
    """What the noted connector declared when it was registered, and what was hidden in its source."""
    manifest: dict[str, Any] = {}
    secrets: set[str] = set()
    for entry in entries:
        if entry["entry"] == "http" and entry["path"] == "/_ref/connectors":
            manifest = json.loads(entry["sent"]).get("manifest") or {}
        elif entry["entry"] == "source":
            secrets.update(item["secret"] for item in entry.get("items", ()))
    return Limits.of(manifest, frozenset(secrets))


def breaches_of(scenario: str, entry: dict[str, Any], limits: Limits) -> tuple[Found, ...]:
    """Every breach in the transcripts of one noted run."""
    found = []
    for noted in entry.get("transcripts") or ():
        lines = {line.n: line for line in Transcript(noted, entry["label"]).lines}
        breaches = watch(lines.values(), limits)
        found += [Found(breach, lines[breach.n], scenario) for breach in breaches]
    return tuple(found)


def _of_run(scenario: str, entry: dict[str, Any], limits: Limits) -> Watched:
    transcripts = [Transcript(noted, entry["label"]) for noted in entry.get("transcripts") or ()]
    said = Counter(
        line.type for each in transcripts for line in each.lines if line.direction == "out" and line.type
    )
    return Watched(
        runs=len(transcripts),
        ended_well=sum(map(_ended_well, transcripts)),
        found=breaches_of(scenario, entry, limits),
        extensions=Counter({name: count for name, count in said.items() if name in EXTENSIONS}),
    )


def _ended_well(transcript: Transcript) -> bool:
    done = [line.message or {} for line in transcript.said("DONE")]
    return [message.get("status") for message in done] == ["succeeded"] and transcript.exit_status == 0


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
