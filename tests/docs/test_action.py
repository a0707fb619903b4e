"""The GitHub Action in docs/: its shell lines are run as a runner runs them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from following import environment
from kit_runs import once
from pages import DOCS

ACTION = yaml.safe_load((DOCS / "github-action" / "action.yml").read_text())
EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
PLUGIN = "--plugin pdpp_plugins.mutants.partitions:forgets_missing"
MUTANT = f"{PLUGIN} --connector folder-forgets-missing --source-driver folder"


class Job:
    """A job with one action in it: its inputs, what its steps put out, and its summary."""

    def __init__(self, folder: Path, **inputs: str) -> None:
        self.folder, self.ran = folder, list[str]()
        given = {name: one.get("default", "") for name, one in ACTION["inputs"].items()} | inputs
        self.known = {f"inputs.{name}": value for name, value in given.items()}

    def run(self) -> int:
        """Every step in order until one fails; its exit status, else 0."""
        for step in ACTION["runs"]["steps"]:
            if "run" in step and self._wanted(step):
                self.ran.append(step["name"])
                if status := self._step(step):
                    return status
        return 0

    @property
    def summary(self) -> str:
        """What the job shows."""
        return (self.folder / "summary").read_text()

    def _wanted(self, step: dict[str, Any]) -> bool:
        condition = step.get("if", "inputs.report != ''")
        name, _, value = condition.partition(" != ")
        assert value == "''", condition
        return self.known[name] != ""

    def _step(self, step: dict[str, Any]) -> int:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "what comes from outside is no part of a script"
        output, script = self.folder / "output", self.folder / "script"
        output.write_text("")
        script.write_text(step["run"])
        env = {name: EXPRESSION.sub(self._value, value) for name, value in step.get("env", {}).items()}
        files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.folder / "summary")}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment(env | files),
            capture_output=True,
            check=False,
            timeout=120,
        )
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            self.known[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode

    def _value(self, found: re.Match[str]) -> str:
        return self.known.get(found.group(1), "")


@pytest.mark.long
def test_a_green_job(tmp_path: Path) -> None:
    """Every step runs, the summary is the report's, and the status is put out."""
    job = Job(tmp_path, arguments="--connector folder --select 'PR-02.1'")
    assert job.run() == 0
    assert job.ran == ["Install", "Judge", "Summary", "Gate"]
    assert job.known["steps.judge.outputs.status"] == "0"
    assert "A selection was judged" in job.summary
    assert (tmp_path / "pdpp-report" / "index.html").exists()


@pytest.mark.long
def test_a_red_job_that_was_green(tmp_path: Path) -> None:
    """The run's own status ends the job, after the summary and the comparison were shown."""
    job = Job(tmp_path, arguments=f"{MUTANT} --select PR-01.1", baseline="before")
    (tmp_path / "before").mkdir()
    assert job.run() == 1
    assert job.ran == ["Install", "Judge", "Compare", "Summary", "Gate"]
    assert job.known["steps.compare.outputs.status"] == "2"
    assert "PR-01.1/T1" in job.summary


@pytest.mark.long
def test_a_regression_turns_a_green_job_red(tmp_path: Path, shared: Path) -> None:
    """A scenario that was judged before and is not any more."""
    before = once(shared, "small-report", ("run", "--select", "PR-03.1,PR-03.3", "--report", "out"))
    job = Job(tmp_path, arguments="--select PR-03.3", baseline=str(before.folder / "out"))
    assert job.run() == 1
    assert job.known["steps.judge.outputs.status"] == "0"
    assert "3 regression" in job.summary


def test_a_job_without_a_verdict(tmp_path: Path) -> None:
    """A wrong command ends 2 and says that nothing was judged."""
    job = Job(tmp_path, arguments="--connector nobody")
    assert job.run() == 2
    assert "No verdict, exit status 2" in job.summary


@pytest.mark.parametrize("name", ["arguments", "report", "baseline", "install"])
def test_inputs_are_used(name: str) -> None:
    """None is left without effect."""
    assert f"inputs.{name}" in (DOCS / "github-action" / "action.yml").read_text()
