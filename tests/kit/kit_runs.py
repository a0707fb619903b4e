"""Running the kit as a user does: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WRONG = ROOT / "tests" / "wrong"
KIT = Path(sys.executable).parent / "pdpp-tck"


@dataclass(frozen=True)
class Ran:
    """What a run of the kit printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report on stdout."""
        report: dict[str, Any] = json.loads(self.out)
        return report

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


def started(arguments: tuple[str, ...], folder: Path, env: dict[str, str] | None) -> Ran:
    """Run the kit in a folder and wait for its end."""
    done = subprocess.run(
        [str(KIT), *arguments],
        cwd=folder,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
