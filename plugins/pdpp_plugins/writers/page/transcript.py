"""What a reader of a failure wants to see of its evidence: the lines around the first bad one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdpp_tck.evidence.notes import EvidenceError, read_notes
from pdpp_tck.evidence.transcripts import Transcript

BEFORE, AFTER = 12, 6
_EXCHANGES = 24
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Shown:
    """One line: its number, which way it went, its text, and whether it is the first bad one."""

    n: int
    way: str
    text: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of an evidence file; `title` tells what the lines are, `left` how many are not shown."""

    title: str
    lines: tuple[Shown, ...]
    left: int = 0


def excerpt(entry: Mapping[str, Any], folder: Path) -> Excerpt:
    """The part of a scenario's evidence that its first failed clause is about."""
    if not entry["evidence"]:
        return Excerpt("Nothing was run, so there is no evidence.", ())
    try:
        _, entries = read_notes(folder / entry["evidence"])
    except EvidenceError as error:
        return Excerpt(f"The evidence cannot be shown: {error}", ())
    line = next((clause["line"] for clause in entry["clauses"] if "line" in clause), None)
    around = _around(entries, line) if line else None
    return around or _exchanged(entries)


def _around(entries: list[dict[str, Any]], line: Mapping[str, Any]) -> Excerpt | None:
    """The lines of the transcript that holds the bad one."""
    for noted in _transcripts(entries, line["run"]):
        lines = Transcript(noted).lines
        # The report keeps the beginning of a long line.
        start, n = line["text"], line["n"]
        spots = (at for at, one in enumerate(lines) if one.n == n and one.text.startswith(start))
        spot = next(spots, None)
        if spot is None:
            continue
        first = max(0, spot - BEFORE)
        kept = lines[first : spot + AFTER + 1]
        shown = tuple(Shown(one.n, one.direction, _cut(one.text), one.n == n) for one in kept)
        return Excerpt(f"Transcript of run {line['run']!r}", shown, len(lines) - len(kept))
    return None


def _transcripts(entries: list[dict[str, Any]], label: str) -> Iterator[list[dict[str, Any]]]:
    for entry in entries:
        if entry["entry"] == "run" and entry.get("label") == label:
            yield from entry.get("transcripts") or ()


def _exchanged(entries: list[dict[str, Any]]) -> Excerpt:
    """The last requests and answers."""
    asked = [entry for entry in entries if entry["entry"] in ("http", "stage", "run")]
    kept = asked[-_EXCHANGES:]
    shown = tuple(Shown(entry["n"], entry["entry"], _cut(_exchange(entry))) for entry in kept)
    return Excerpt("What was asked and answered", shown, len(asked) - len(kept))


def _exchange(entry: Mapping[str, Any]) -> str:
    if entry["entry"] == "run":
        outcome = entry.get("outcome")
        ended = outcome.get("status") if isinstance(outcome, dict) else outcome
        return f"run {entry.get('label')!r} ended {ended}"
    sent = f" {entry['sent']}" if entry.get("sent") else ""
    answer = json.dumps(entry.get("body", entry.get("unreachable")), ensure_ascii=False)
    return f"{entry.get('method')} {entry.get('path')}{sent} → {entry.get('status')} {answer}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
