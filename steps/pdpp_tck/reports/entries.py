"""The entries of a report: one for each scenario on each subject, one for each requirement."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pdpp_tck.execution import Result
from pdpp_tck.features import requirement_of
from pdpp_tck.gate.deciding import Decision
from pdpp_tck.gate.judged import Judged, of_result
from pdpp_tck.judging import worst_finding
from pdpp_tck.ledger import Clause, Requirement
from pdpp_tck.plan import Plan
from pdpp_tck.verdict import ClauseVerdict, Verdict, requirement_verdict

_LONGEST_LINE = 4000


def scenario_entry(plan: Plan, result: Result, decision: Decision) -> dict[str, Any]:
    """What the report says of one result."""
    scenario, judged = plan.ledger.scenario(result.cell.scenario.id), of_result(result, plan.host)
    entry: dict[str, Any] = {
        "id": scenario.id,
        "title": scenario.title,
        "requirement": requirement_of(scenario.id),
        "derived": scenario.derived is not None,
        "digest": result.cell.scenario.digest or None,
        "subject": subject_entry(plan, judged),
        "verdict": result.verdict.value,
        "duration_s": round(result.duration_s, 3),
        "clauses": [_clause(plan, result, clause, judged, decision) for clause in result.clauses],
        "steps": [asdict(step) for step in result.steps],
        "evidence": str(result.evidence.relative_to(plan.reports)) if result.evidence else None,
    }
    optional = {
        "derivation": scenario.derived,
        "evidence_sha256": _sha256(result.evidence) if result.evidence else None,
        "noted": result.noted,
        "reason": result.reason,
        "new": judged.key in decision.new,
        "waived": any(key == judged.key for key, _ in decision.waived),
    }
    return entry | {name: value for name, value in optional.items() if value}


def subject_entry(plan: Plan, judged: Judged) -> dict[str, Any]:
    """Who was judged."""
    versions = {"storage": plan.host.storage_version, "host": plan.host.version}
    mine = (connector.version for connector in plan.connectors if connector.name == judged.subject)
    version = versions.get(judged.kind) if judged.kind != "connector" else next(mine, "")
    return {
        "kind": judged.kind,
        "name": judged.subject,
        "version": version,
        "claims": list(judged.claims),
    }


def requirement_entry(requirement: Requirement, results: Iterable[Result]) -> dict[str, Any]:
    """A requirement's verdict, and those of its body's clauses by the clauses that observe them."""
    verdicts: dict[str, list[Verdict]] = {}
    for result in results:
        for clause in result.clauses:
            verdicts.setdefault(clause.id, []).append(clause.verdict)
    mine = [r.verdict for r in results if requirement_of(r.cell.scenario.id) == requirement.id]
    return {
        "id": requirement.id,
        "title": requirement.title,
        "verdict": requirement_verdict(mine).value,
        "clauses": [_of_body(clause, verdicts) for clause in requirement.clauses],
    }


def _of_body(clause: Clause, verdicts: dict[str, list[Verdict]]) -> dict[str, Any]:
    seen = clause.same_as or clause.id
    return {
        "id": clause.id,
        "level": clause.level,
        "says": clause.says,
        "seen_as": seen,
        "verdict": "not_applicable" if clause.excluded else requirement_verdict(verdicts.get(seen, ())).value,
    }


def _clause(
    plan: Plan, result: Result, clause: ClauseVerdict, judged: Judged, decision: Decision
) -> dict[str, Any]:
    entry = {
        "id": clause.id,
        "level": clause.level,
        "verdict": clause.verdict.value,
        "says": plan.ledger.clause(clause.id).says,
    }
    trouble = clause.verdict not in (Verdict.PASSED, Verdict.NOT_APPLICABLE)
    finding = worst_finding(clause.id, result.findings)
    shown = finding is not None and clause.verdict is Verdict.FAILED
    optional: dict[str, Any] = {
        "sentence": plan.sentences.get(clause.id) if trouble else None,
        "reason": clause.reason,
        "expected": finding.expected if finding and shown else None,
        "seen": finding.seen if finding and shown else None,
        "waived": (judged.key, clause.id) in decision.waived,
    }
    if finding and shown and finding.line is not None:
        line = finding.line
        optional["line"] = {"n": line.n, "run": line.run, "text": line.text[:_LONGEST_LINE]}
    return entry | {name: value for name, value in optional.items() if value}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
