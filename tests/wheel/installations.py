"""An installation of the wheel, and commands that know nothing of this checkout."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Installed:
    """A fresh environment with the wheel in it: its programs, its packages, and what the wheel brought."""

    programs: Path
    site: Path
    brought: set[str]


def bare(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command without what the environment says of Python."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
