"""The kit as a command, for every test here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from kit_runs import WRONG, Kit, Ran, started


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """`kit("run", …)` runs the kit in an empty folder; keyword `env` adds to its environment."""

    def run(*arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Ran:
        return started(arguments, cwd or tmp_path, env)

    return run


@pytest.fixture
def judged(kit: Kit) -> Callable[[str], Ran]:
    """Judge one of the small connectors in tests/wrong."""

    def judge(program: str) -> Ran:
        manifest = str(WRONG / "manifest.json")
        command = [sys.executable, str(WRONG / f"{program}.py")]
        options = ["--format", "json", "--manifest", manifest, "--source-driver", "folder"]
        return kit("run", *options, "--", *command)

    return judge


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """One run of everything without arguments, told in JSON, and the folder in which it ran."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, started(("run", "--format", "json", "--seed", "7"), folder, None)
