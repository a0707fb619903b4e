"""`spec check`: every clause of a specification against the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdpp_tck.openspec import Finding, Spec
from pdpp_tck.specifying.drift import drift
from pdpp_tck.specifying.subject import ledgers_at, spec_at


@dataclass(frozen=True, slots=True)
class Checked:
    """How much the specification requires, and everything that is to be done about it."""

    requirements: int
    scenarios: int
    clauses: int
    findings: tuple[Finding, ...]


def check(folder: Path, features: Path | None) -> Checked:
    """Compare and lint; raises UsageError for what cannot be read."""
    spec, held = spec_at(folder), ledgers_at(features)
    found = sorted({*spec.findings, *drift(held.ledger, spec, held.rows)})
    scenarios = [scenario for requirement in spec.requirements for scenario in requirement.scenarios]
    return Checked(len(spec.requirements), len(scenarios), _clauses(spec), tuple(found))


def as_text(checked: Checked) -> str:
    """A line for each finding, and what was compared."""
    counted = f"{_counted(checked)}: {_kinds(checked) or 'all covered, none stale'}"
    return "\n".join([*map(str, checked.findings), counted])


def as_json(checked: Checked) -> dict[str, Any]:
    """The document that programs read."""
    return {
        "requirements": checked.requirements,
        "scenarios": checked.scenarios,
        "clauses": checked.clauses,
        "findings": [
            {
                "kind": finding.kind,
                "id": finding.id,
                "file": str(finding.file),
                "line": finding.line,
                "message": finding.message,
            }
            for finding in checked.findings
        ],
    }


def as_markdown(checked: Checked) -> str:
    """A comment for a pull request: the work that a change of the specification makes."""
    if not checked.findings:
        return f"### Specification\n\n{_counted(checked)}: all covered, none stale. Nothing is to be done."
    lines = ["### Specification", "", f"{_counted(checked)}: {_kinds(checked)}.", ""]
    file = None
    for finding in checked.findings:
        if finding.file != file:
            file = finding.file
            lines += [f"**{_plain(str(file))}**", ""]
        told = f"line {finding.line}, {finding.kind}: {_plain(finding.id)}: {_plain(finding.message)}"
        lines.append(f"- [ ] {told}")
    return "\n".join(lines)


def _plain(text: str) -> str:
    """A text in which nothing is markup, but for what stands between backticks of ours."""
    marked = "".join(f"\\{letter}" if letter in "\\*_<>[]|#@" else letter for letter in text)
    return " ".join(marked.split())


def _counted(checked: Checked) -> str:
    return f"{checked.requirements} requirements, {checked.scenarios} scenarios, {checked.clauses} clauses"


def _kinds(checked: Checked) -> str:
    kinds = [finding.kind for finding in checked.findings]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(sorted(kinds)))


def _clauses(spec: Spec) -> int:
    of_bodies = [sentence for requirement in spec.requirements for sentence in requirement.sentences]
    scenarios = [scenario for requirement in spec.requirements for scenario in requirement.scenarios]
    of_scenarios = [sentence for scenario in scenarios for sentence in scenario.sentences]
    return sum(len(sentence.clauses) for sentence in (*of_bodies, *of_scenarios))
