"""The evidence of a report: is it the file that was judged, and does it say the same again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pdpp_tck.evidence.notes import EvidenceError, read_notes
from pdpp_tck.execution import Result
from pdpp_tck.features import Scenario
from pdpp_tck.options import UsageError
from pdpp_tck.replay import replay_plan
from pdpp_tck.reports.place import EVIDENCE
from pdpp_tck.reports.sealing import label
from pdpp_tck.run import carry_out

Entry = Mapping[str, Any]


def sound(
    report: Entry, folder: Path, scenarios: Mapping[tuple[str, str], Scenario]
) -> tuple[list[Entry], list[str]]:
    """The entries whose evidence can be judged again, and what is wrong with that of the others."""
    usable: list[Entry] = []
    findings: list[str] = []
    for entry in report["scenarios"]:
        if entry["evidence"] is None:
            continue
        wrong = _wrong(entry, folder)
        here = scenarios.get((entry["id"], entry["subject"]["kind"]))
        if wrong is not None:
            findings.append(f"{label(entry)}: {wrong}")
        elif here is not None and here.digest == entry["digest"]:
            usable.append(entry)
    return usable, findings


def strangers(report: Entry, folder: Path) -> Iterator[str]:
    """Evidence that no result of the report names."""
    named = {entry["evidence"] for entry in report["scenarios"]}
    for path in sorted((folder / EVIDENCE).rglob("*.jsonl")):
        if str(path.relative_to(folder)) not in named:
            yield f"{path.relative_to(folder)}: evidence of a result that is not in the report"


def judged_again(
    folder: Path, usable: Sequence[Entry], features: Path | None, stale: Mapping[str, str]
) -> Iterator[str]:
    """What the evidence says otherwise than the report; `stale` are clauses that it says are so."""
    if not usable:
        return
    files = {(folder / entry["evidence"]).resolve(): entry for entry in usable}
    try:
        plan = replace(replay_plan(list(files), features), stale=stale)
    except UsageError as error:
        yield str(error)
        return
    try:
        outcome = carry_out(plan)
    finally:
        plan.close()
    again = {result.evidence: result for result in outcome.results if result.evidence}
    for path, entry in files.items():
        yield from _differences(entry, again.get(path))


def _differences(entry: Entry, result: Result | None) -> Iterator[str]:
    if result is None:
        yield f"{label(entry)}: its evidence was not judged again"
        return
    if result.verdict != entry["verdict"]:
        yield f"{label(entry)}: the report says {entry['verdict']}, its evidence says {result.verdict}"
    reported = {clause["id"]: (clause["verdict"], clause.get("reason")) for clause in entry["clauses"]}
    seen = {clause.id: (clause.verdict.value, clause.reason) for clause in result.clauses}
    for name in sorted(reported.keys() | seen.keys()):
        if reported.get(name) != seen.get(name):
            ours, theirs = (each[name][0] if name in each else "nothing" for each in (reported, seen))
            told = f"the report says {ours}, its evidence says {theirs}"
            why = "" if ours != theirs else " for another reason"
            yield f"{name} for {entry['subject']['name']}: {told}{why}"


def _wrong(entry: Entry, folder: Path) -> str | None:
    """Why an entry's evidence cannot be used; None where it is the file that was judged."""
    named = entry["evidence"]
    path = (folder / named).resolve()
    if not path.is_relative_to((folder / EVIDENCE).resolve()):
        return f"{named} lies outside of the report's evidence"
    try:
        header, _ = read_notes(path)
    except EvidenceError as error:
        return f"evidence: {error}"
    if hashlib.sha256(path.read_bytes()).hexdigest() != entry["evidence_sha256"]:
        return f"{named} is not the file that was judged; it was edited and sealed anew, or exchanged"
    if (header["id"], header["kind"], header["digest"]) != (
        entry["id"],
        entry["subject"]["kind"],
        entry["digest"],
    ):
        return f"{named} is evidence of {header['id']}, or of another text of it"
    return None
