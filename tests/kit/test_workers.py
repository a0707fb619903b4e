"""Scenarios judged side by side come to what they come to one after another, and a lost worker is no pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kit_runs import Kit, Ran

ASKED = ("run", "--format", "json", "--seed", "7", "--connector", "folder", "--select", "PR-01.2,CP-01")
DIES = """
import os

from pdpp_tck.execution import Execution
from pdpp_tck.hookspecs import hookimpl

begun, coordinator = Execution.begin, os.getpid()


def dying(self, line):
    if self.cell.scenario.id == "PR-03.1" and os.getpid() != coordinator:
        os._exit(9)
    return begun(self, line)


Execution.begin = dying


@hookimpl
def report_parts():
    return ()
"""


@pytest.mark.long
def test_two_workers_find_what_one_finds(kit: Kit, tmp_path: Path) -> None:
    """The same verdicts, clauses and steps, and the same references to the evidence of others."""
    told = []
    for workers in ("1", "2"):
        cwd = tmp_path / workers
        cwd.mkdir()
        ran = kit(*ASKED, "--workers", workers, cwd=cwd)
        assert ran.status == 0, ran.err
        told.append(([_timeless(scenario) for scenario in ran.report["scenarios"]], _referred(ran)))
    assert told[0] == told[1]
    assert len(told[0][0]) > 1
    assert any(told[0][1].values())


def test_a_worker_that_dies_makes_the_run_miscount(kit: Kit, tmp_path: Path) -> None:
    """What it was judging is named as missing, and the exit status says that not all was seen."""
    (tmp_path / "dies.py").write_text(DIES)
    asked = ("run", "--format", "json", "--plugin", "dies", "--workers", "2", "--select", "PR-03.1,PR-03.3")
    ran = kit(*asked, env={"PYTHONPATH": str(tmp_path)})
    assert ran.status == 4, ran.err
    assert any("PR-03.1" in line for line in ran.report["miscounted"])
    verdicts = [told["verdict"] for told in ran.report["scenarios"] if told["id"] == "PR-03.1"]
    assert "passed" not in verdicts


def _timeless(told: dict[str, Any]) -> Any:
    """Of a report's scenario what two runs share."""
    clauses = [(clause["id"], clause["verdict"]) for clause in told["clauses"]]
    steps = [(step["text"], step["status"]) for step in told["steps"]]
    return told["id"], told["subject"], told["verdict"], clauses, steps


def _referred(ran: Ran) -> dict[str, list[str]]:
    """Which files each rule of the profile was judged by."""
    found = {}
    for file in sorted(ran.evidence.rglob("*.jsonl")):
        text = file.read_text()
        found[str(file.relative_to(ran.evidence))] = [
            each["path"] for line in text.splitlines() for each in json.loads(line).get("files", ())
        ]
    return found
