"""A report with every kind of verdict, as a run could have made it, and the browser that opens its page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kit_runs import Ran

from pdpp_tck.plugins import load_plugins
from pdpp_tck.reports.sealing import sealed
from pdpp_tck.reports.writing import report_writers, write_all

HOSTILE = "<script>alert(1)</script> | ]]> `x` \x00 \u202e \ud83d ![i](http://x/y.png) <b>&amp;"
VERDICTS = ("passed", "failed", "error", "not_applicable", "not_observable", "not_run", "stale")
PICTURES = Path(__file__).parents[3] / "reports" / "page"


def made(report: dict[str, Any], count: int = 0) -> dict[str, Any]:
    """The report with every kind of verdict in it, hostile words, a waiver and a lock."""
    report = json.loads(json.dumps(report))
    scenarios = report["scenarios"]
    for number in range(count):
        scenarios.append(
            {**scenarios[number % 90], "title": f"Again {number}", "id": f"PR-01/again-{number}"}
        )
    for number, verdict in enumerate((*VERDICTS, "passed", "failed")):
        entry = scenarios[number]
        entry["verdict"], entry["reason"] = verdict, HOSTILE
        for clause in entry["clauses"]:
            clause |= {"verdict": verdict, "reason": HOSTILE}
            clause |= {"expected": HOSTILE, "seen": HOSTILE * 9} if verdict == "failed" else {}
    scenarios[1]["clauses"][0]["waived"] = scenarios[1]["waived"] = True
    scenarios[8]["new"] = True
    report |= {"conformant": False, "exit_status": 1, "miscounted": [HOSTILE]}
    report["gate"] = {"demands": {"claims": ["fields"]}, "unmet": [HOSTILE]}
    waiver = {"where": "w.toml:1", "id": scenarios[1]["id"], "subject": HOSTILE, "reason": HOSTILE}
    waiver |= {"issue": "https://example.org/1", "owner": "ana", "expires": "2027-01-31", "state": "used"}
    report["waivers"] = [waiver | {"said": "until 2027-01-31", "covers": []}]
    report["lock"] = {"new": ["PR-01.9 host"], "changed": [], "gone": [], "spec_changed": True, "kit": None}
    mutants = [{"name": "m1", "outcome": "killed"}, {"name": "m2", "outcome": "survived"}]
    row = {"id": "PR-01.1/T1", "level": "SHALL", "mutants": mutants, "variants": ["v1"]}
    report["matrix"] = {
        "digest": "d" * 64,
        "clauses": [row, row | {"id": "PR-01.1/T2", "mutants": [], "variants": []}],
        "variants": {"v1": "passed"},
        "conformant": False,
        "counted": {"killed": 1, "survived": 1},
    }
    report["summary"] = {v: sum(s["verdict"] == v for s in scenarios) for v in VERDICTS}
    return sealed({name: value for name, value in report.items() if name != "seal"})


@pytest.fixture
def varied(whole: Ran) -> dict[str, Any]:
    """Every kind of verdict."""
    return made(whole.report)


@pytest.fixture
def folder(varied: dict[str, Any], whole: Ran, tmp_path: Path) -> Path:
    """The varied report in every form, beside the evidence of the run that it is made of."""
    (tmp_path / "evidence").symlink_to(whole.evidence)
    write_all(varied, tmp_path, report_writers(load_plugins()))
    return tmp_path


@pytest.fixture
def short(whole: Ran, tmp_path: Path) -> Path:
    """The page of the varied report's first scenarios: a long page takes a browser many seconds."""
    report = whole.report
    kept = report["scenarios"][:10]
    known = {entry["requirement"] for entry in kept}
    report["scenarios"] = kept
    report["requirements"] = [each for each in report["requirements"] if each["id"] in known]
    (tmp_path / "evidence").symlink_to(whole.evidence)
    write_all(made(report), tmp_path, report_writers(load_plugins()))
    return tmp_path / "index.html"


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures are kept."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
