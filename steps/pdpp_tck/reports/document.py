"""The report: one JSON document, held against its schema before anyone sees it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonschema_rs

from pdpp_tck import __version__
from pdpp_tck.execution import Result
from pdpp_tck.features import requirement_of
from pdpp_tck.run import Outcome
from pdpp_tck.verdict import ClauseVerdict, Verdict

VERSION = 1


class ReportError(Exception):
    """The kit made a report that its own schema refuses."""


def document(outcome: Outcome) -> dict[str, Any]:
    """The report of a run; raises ReportError when it does not fit features/schemas/report.json."""
    plan, host = outcome.plan, outcome.plan.host
    verdicts = Counter(result.verdict.value for result in outcome.results)
    report: dict[str, Any] = {
        "report_version": VERSION,
        "kit": {"name": "pdpp-tck", "version": __version__},
        "spec": {"digest": plan.ledger.digest},
        "host": {"name": host.name, "version": host.version},
        "storage": {"name": host.storage_name, "version": host.storage_version},
        "seed": plan.seed,
        "started_at": outcome.started_at.isoformat().replace("+00:00", "Z"),
        "duration_s": round(outcome.duration_s, 3),
        "conformant": outcome.conformant,
        "exit_status": outcome.status,
        "summary": {verdict.value: verdicts.get(verdict.value, 0) for verdict in Verdict},
        "scenarios": [_scenario(outcome, result) for result in outcome.results],
    }
    if plan.selection:
        report["selection"] = sorted(plan.selection)
    if outcome.miscounted:
        report["miscounted"] = list(outcome.miscounted)
    _hold(report, plan.features / "schemas" / "report.json")
    return report


def _scenario(outcome: Outcome, result: Result) -> dict[str, Any]:
    plan = outcome.plan
    scenario = plan.ledger.scenario(result.cell.scenario.id)
    entry: dict[str, Any] = {
        "id": scenario.id,
        "title": scenario.title,
        "requirement": requirement_of(scenario.id),
        "derived": scenario.derived is not None,
        "subject": _subject(outcome, result),
        "verdict": result.verdict.value,
        "duration_s": round(result.duration_s, 3),
        "clauses": [_clause(clause) for clause in result.clauses],
        "steps": [asdict(step) for step in result.steps],
        "evidence": str(result.evidence.relative_to(plan.reports)) if result.evidence else None,
    }
    entry |= {"noted": result.noted} if result.noted else {}
    return entry | ({"reason": result.reason} if result.reason else {})


def _subject(outcome: Outcome, result: Result) -> dict[str, Any]:
    subject = result.cell.connector or outcome.plan.host
    if result.cell.scenario.kind == "storage":
        host = outcome.plan.host
        return {
            "kind": "storage",
            "name": host.storage_name,
            "version": host.storage_version,
            "claims": sorted(host.storage_claims),
        }
    return {
        "kind": result.cell.scenario.kind,
        "name": subject.name,
        "version": subject.version,
        "claims": sorted(subject.claims),
    }


def _clause(clause: ClauseVerdict) -> dict[str, Any]:
    entry = {"id": clause.id, "level": clause.level, "verdict": clause.verdict.value}
    return entry | ({"reason": clause.reason} if clause.reason else {})


def _hold(report: dict[str, Any], schema: Path) -> None:
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")))
    error = next(iter(validator.iter_errors(report)), None)
    if error is not None:
        where = "/".join(map(str, error.instance_path))
        raise ReportError(f"the report does not fit its schema at {where or 'the top'}: {error.message}")
