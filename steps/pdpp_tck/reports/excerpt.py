"""The least of a transcript that shows a failure: how the run began, and the lines up to the bad one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pdpp_tck.evidence.notes import EvidenceError, read_notes
from pdpp_tck.evidence.transcripts import Line, Transcript
from pdpp_tck.execution import Result
from pdpp_tck.judging import worst_finding
from pdpp_tck.verdict import ClauseVerdict, Verdict

BEFORE = 2
WIDTH = 120
GUIDE = "docs/guide-connectors.md, 4. Read a failure"


def excerpt(
    result: Result, clauses: list[ClauseVerdict], evidence: Path | None, features: str
) -> Iterator[str]:
    """Lines for a reader who has only these: START, the lines before, the bad one, and where to read on.

    `features` is the option by which a command knows the scenario, empty where it needs none.
    """
    if clauses[0].verdict != Verdict.FAILED or result.cell.connector is None:
        return
    finding = worst_finding(clauses[0].id, result.findings)
    if finding is not None and finding.line is not None and evidence is not None:
        shown = _around(finding.line, evidence)
        for number, line in enumerate(shown):
            mark = ">" if line.n == finding.line.n else " "
            head = "  least     " if number == 0 else " " * 12
            yield f"{head}{mark} {line.n:>4} {line.direction:4} {_short(line.text)}"
    yield f"  more      pdpp-tck explain {result.cell.scenario.id}{features}; {GUIDE}"


def _around(bad: Line, evidence: Path) -> list[Line]:
    """START, the last lines before the bad one, and that; nothing where its run is not found."""
    for entry in _runs(evidence):
        for noted in entry.get("transcripts") or ():
            lines = Transcript(noted, entry["label"]).lines
            at = next((i for i, line in enumerate(lines) if line == bad), None)
            if at is not None:
                start = [line for line in lines[:at] if line.type == "START"][:1]
                return [*start, *(line for line in lines[max(0, at - BEFORE) : at] if line not in start), bad]
    return []


def _runs(evidence: Path) -> Iterator[dict[str, Any]]:
    """The runs that evidence notes, then those of the evidence that it refers to."""
    try:
        _, entries = read_notes(evidence)
        yield from (entry for entry in entries if entry["entry"] == "run")
        for entry in (entry for entry in entries if entry["entry"] == "refers"):
            for file in entry["files"]:
                _, others = read_notes((evidence.parent / file["path"]).resolve())
                yield from (other for other in others if other["entry"] == "run")
    except EvidenceError:
        return


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else text[:WIDTH] + "…"
