"""The kit as a command, for every test here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kit_runs import WRONG, Kit, Ran, once, started
from typer.testing import CliRunner

from pdpp_tck.cli import app


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """`kit("run", …)` runs the kit in an empty folder; keyword `env` adds to its environment."""

    def run(*arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Ran:
        return started(arguments, cwd or tmp_path, env)

    return run


@pytest.fixture
def called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kit:
    """As `kit`, in this process: for what is told before anything is judged, where a start costs the most."""

    def call(*arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Ran:
        folder = cwd or tmp_path
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(app, arguments, env=env, catch_exceptions=False)
        return Ran(done.exit_code, done.stdout, done.stderr, folder)

    return call


@pytest.fixture
def judged(shared: Path) -> Callable[[str], Ran]:
    """What the kit says of one of the small connectors in tests/wrong, which is judged once."""

    def judge(program: str) -> Ran:
        manifest = str(WRONG / "manifest.json")
        command = (sys.executable, str(WRONG / f"{program}.py"))
        options = ("--format", "json", "--manifest", manifest, "--source-driver", "folder")
        return once(shared, program, ("run", *options, "--", *command))

    return judge


@pytest.fixture
def refusals(shared: Path) -> Ran:
    """One run of PR-03.3 alone, told as text."""
    return once(shared, "refusals", ("run", "--select", "PR-03.3"))
