"""The seal of a report: it finds edits and names the scenario; whoever can edit can also seal anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any


def sealed(report: dict[str, Any]) -> dict[str, Any]:
    """The report with its seal: a digest of the whole, and one of each scenario."""
    scenarios = {label(entry): _digest(entry) for entry in report["scenarios"]}
    return {**report, "seal": {"report": _digest(report), "scenarios": scenarios}}


def broken(report: Mapping[str, Any]) -> Iterator[str]:
    """What differs from what was sealed, as narrowly as it can be told."""
    seal = report["seal"]
    now = {label(entry): _digest(entry) for entry in report["scenarios"]}
    found = False
    for name, digest in seal["scenarios"].items():
        if name not in now:
            yield f"{name}: was reported and has been dropped"
        elif now[name] != digest:
            yield f"{name}: has been edited since the report was made"
        found |= now.get(name) != digest
    for name in now.keys() - seal["scenarios"].keys():
        found = True
        yield f"{name}: has been added since the report was made"
    rest = {name: value for name, value in report.items() if name != "seal"}
    if not found and _digest(rest) != seal["report"]:
        yield "the report has been edited outside of its scenarios"


def label(entry: Mapping[str, Any]) -> str:
    """A scenario on a subject as people name it."""
    return f"{entry['id']} {entry['subject']['kind']} {entry['subject']['name']}"


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
