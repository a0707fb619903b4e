"""The report: one JSON document, held against its schema before anyone sees it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from pdpp_tck import __version__
from pdpp_tck.gate.deciding import Decision
from pdpp_tck.gate.demands import Demands
from pdpp_tck.gate.judged import of_result
from pdpp_tck.gate.lock import Compared, set_digest, texts_of
from pdpp_tck.gate.waivers import Weighed
from pdpp_tck.matrix import Matrix, MatrixError, read_both
from pdpp_tck.plan import Plan
from pdpp_tck.reports.entries import requirement_entry, scenario_entry, subject_entry
from pdpp_tck.reports.sealing import sealed
from pdpp_tck.run import Outcome
from pdpp_tck.specifying.covering import as_summary, coverage
from pdpp_tck.verdict import Verdict

VERSION = 1


class ReportError(Exception):
    """A report does not fit its schema."""


def document(outcome: Outcome, decision: Decision) -> dict[str, Any]:
    """The report of a run; raises ReportError when it does not fit features/schemas/report.json."""
    plan, host = outcome.plan, outcome.plan.host
    verdicts = Counter(result.verdict.value for result in outcome.results)
    judged = [of_result(result, host) for result in outcome.results]
    subjects = {(j.kind, j.subject): subject_entry(plan, j) for j in judged}
    matrix = _matrix(plan)
    touched = {result.cell.scenario.id for result in outcome.results}
    report: dict[str, Any] = {
        "report_version": VERSION,
        "kit": {"name": "pdpp-tck", "version": __version__},
        "spec": {"digest": plan.ledger.digest, **({"stale": dict(plan.stale)} if plan.stale else {})},
        "features": {"digest": set_digest(texts_of(plan.scenarios))},
        "host": {"name": host.name, "version": host.version},
        "storage": {"name": host.storage_name, "version": host.storage_version},
        "subjects": [subjects[key] for key in sorted(subjects)],
        "seed": plan.seed,
        "advice": plan.advice,
        "started_at": outcome.started_at.isoformat().replace("+00:00", "Z"),
        "duration_s": round(outcome.duration_s, 3),
        "conformant": decision.conformant,
        "exit_status": decision.status,
        "summary": {verdict.value: verdicts.get(verdict.value, 0) for verdict in Verdict},
        "gate": _gate(decision),
        "waivers": [_waiver(weighed) for weighed in decision.rules.waivers],
        "lock": _lock(decision.rules.lock),
        "matrix": None if matrix is None else {**asdict(matrix), "counted": dict(matrix.counted)},
        "coverage": as_summary(coverage(plan.ledger, plan.scenarios, matrix)),
        "requirements": [
            requirement_entry(requirement, outcome.results)
            for requirement in plan.ledger.headings
            if touched & {s.id for s in (*requirement.scenarios, *requirement.derived)}
        ],
        "scenarios": [scenario_entry(plan, result, decision) for result in outcome.results],
    }
    if plan.selection:
        report["selection"] = sorted(plan.selection)
    if outcome.miscounted:
        report["miscounted"] = list(outcome.miscounted)
    report = sealed(report)
    hold(report, plan.features)
    return report


def hold(report: Mapping[str, Any], features: Path) -> None:
    """Refuse what the schema of reports does not accept; raises ReportError."""
    error = next(iter(_validator(features / "schemas" / "report.json").iter_errors(report)), None)
    if error is not None:
        where = "/".join(map(str, error.instance_path))
        raise ReportError(f"the report does not fit its schema at {where or 'the top'}: {error.message}")


@cache
def _validator(schema: Path) -> Any:
    return jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")))


def _gate(decision: Decision) -> dict[str, Any]:
    """What was demanded beyond the clauses, and what of it was not met."""
    plain, demands = Demands(), decision.rules.demands
    made = {
        field.name: getattr(demands, field.name)
        for field in fields(demands)
        if getattr(demands, field.name) != getattr(plain, field.name)
    }
    return {"demands": {name: _told(value) for name, value in made.items()}, "unmet": list(decision.unmet)}


def _told(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def _waiver(weighed: Weighed) -> dict[str, Any]:
    waiver = weighed.waiver
    told = {name: getattr(waiver, name) for name in ("where", "id", "subject", "reason", "issue", "owner")}
    day = waiver.expires.isoformat() if waiver.expires else None
    covers = sorted({clause for _, clause in weighed.covers})
    return {**told, "expires": day, "state": weighed.state, "said": weighed.said, "covers": covers}


def _lock(compared: Compared | None) -> dict[str, Any] | None:
    if compared is None:
        return None
    told = {name: list(getattr(compared, name)) for name in ("new", "changed", "gone")}
    return {**told, "spec_changed": compared.spec_changed, "kit": compared.kit}


def _matrix(plan: Plan) -> Matrix | None:
    """The kill matrix as it stands beside the features; None where there is none."""
    try:
        return read_both(plan.features, plan.beside)
    except MatrixError as error:
        raise ReportError(str(error)) from None
