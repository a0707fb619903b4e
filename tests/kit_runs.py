"""Running the kit as a user does: a process of its own, in a folder of its own."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import warm

ROOT = Path(__file__).parents[1]
WRONG = ROOT / "tests" / "wrong"
KIT = Path(sys.executable).parent / "pdpp-tck"


@dataclass(frozen=True)
class Ran:
    """What a run of the kit printed and how it ended, and the folder in which it ran."""

    status: int
    out: str
    err: str
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report on stdout."""
        report: dict[str, Any] = json.loads(self.out)
        return report

    @property
    def evidence(self) -> Path:
        """The evidence of the one run that was made in the folder."""
        (run,) = (self.folder / "reports").iterdir()
        return run / "evidence"

    def verdicts(self, kind: str) -> dict[str, str]:
        """The verdict of each scenario that was judged on subjects of this kind."""
        return {s["id"]: s["verdict"] for s in self.report["scenarios"] if s["subject"]["kind"] == kind}

    def failed(self) -> set[str]:
        """The ids of failed scenarios, of any subject."""
        return {s["id"] for s in self.report["scenarios"] if s["verdict"] == "failed"}

    def reason(self, scenario: str) -> str:
        """Why the scenario did not pass."""
        return str(next(s["reason"] for s in self.report["scenarios"] if s["id"] == scenario))


Kit = Callable[..., Ran]
WHOLE = ("run", "--format", "json", "--seed", "7")
"""A run of everything, which takes long: tests share the one of the fixture `whole`."""


def started(
    arguments: tuple[str, ...], folder: Path, env: dict[str, str] | None = None, kit: Path = KIT
) -> Ran:
    """Run the kit in a folder and wait for its end; one that is installed elsewhere starts cold."""
    command, env = [str(kit), *arguments], os.environ | (env or {})
    if kit == KIT:
        done = warm.run(command, folder, env)
    else:
        done = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
        )
    return Ran(done.returncode, done.stdout, done.stderr, folder)


def once(shared: Path, name: str, arguments: tuple[str, ...]) -> Ran:
    """A run that tests share: whoever wants it first makes it, below a folder that all workers see."""
    told, folder = shared / f"{name}.json", shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            folder.mkdir()
            ran = started(arguments, folder)
            told.write_text(json.dumps([ran.status, ran.out, ran.err]))
    return Ran(*json.loads(told.read_text()), folder)
