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
from pdpp_tck.evidence.seen import seen
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
    """What was seen in some runs: how often each thing that a rule is about, the breaches, the extensions.

    `semantics` are those that the connector declares for any stream.
    """

    runs: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    found: tuple[Found, ...] = ()
    extensions: Counter[str] = field(default_factory=Counter)
    semantics: frozenset[str] = frozenset()

    def __add__(self, other: Watched) -> Watched:
        return Watched(
            self.runs + other.runs,
            self.seen + other.seen,
            self.found + other.found,
            self.extensions + other.extensions,
            self.semantics | other.semantics,
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
    """What was seen in the runs that these entries note."""
    limits = limits_of(entries)
    declared = frozenset(str(stream.get("semantics")) for stream in limits.streams.values())
    total = Watched(semantics=declared)
    held = any(entry["entry"] == "held" for entry in entries)
    for entry in entries:
        if entry["entry"] == "run":
            total += _of_run(scenario, entry, limits, held)
    return total


def limits_of(entries: Entries) -> Limits:
    """What the noted connector declared when it was registered, and what was hidden in its source."""
    manifest: Any = {}
    secrets: set[str] = set()
    for entry in entries:
        if entry["entry"] == "http" and entry["path"] == "/_ref/connectors":
            manifest = json.loads(entry["sent"]).get("manifest")
        elif entry["entry"] == "source":
            secrets.update(item["secret"] for item in entry.get("items", ()) if "secret" in item)
    return Limits.of(manifest, frozenset(secrets))


def breaches_of(scenario: str, entry: dict[str, Any], limits: Limits) -> tuple[Found, ...]:
    """Every breach in the transcripts of one noted run, and an end that its host had to make."""
    found = []
    for noted in entry.get("transcripts") or ():
        transcript = Transcript(noted, entry["label"])
        lines = {line.n: line for line in transcript.lines}
        breaches = watch(lines.values(), limits) or overdue(transcript, entry.get("outcome"))
        found += [Found(breach, lines[breach.n], scenario) for breach in breaches]
    return tuple(found)


def overdue(transcript: Transcript, outcome: Any) -> list[Breach]:
    """The breach of a connector that broke nothing else and that its host ended for being overdue.

    Its transcript has no exit line, and the host lays the end at its door. Where the host cancelled the
    run, or stopped, nothing follows.
    """
    reason = str(outcome.get("terminal_reason") or "") if isinstance(outcome, dict) else ""
    alive = transcript.lines and transcript.lines[-1].direction != "exit"
    if not alive or not (reason.startswith("connector_") or reason == "run_timed_out"):
        return []
    done = transcript.said("DONE")
    if done:
        return [Breach("CP-12", done[0].n, f"said DONE and did not exit; its host ended it ({reason})")]
    return [Breach("CP-10", transcript.lines[-1].n, f"the last line before its host ended it ({reason})")]


def _of_run(scenario: str, entry: dict[str, Any], limits: Limits, held: bool) -> Watched:
    transcripts = [Transcript(noted, entry["label"]) for noted in entry.get("transcripts") or ()]
    said = Counter(line.type for each in transcripts for line in each.said(*EXTENSIONS))
    return Watched(
        runs=len(transcripts),
        seen=sum((seen(each, limits, held) for each in transcripts), Counter()),
        found=breaches_of(scenario, entry, limits),
        extensions=Counter({name: count for name, count in said.items() if name}),
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
