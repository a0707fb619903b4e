"""`pdpp-host migrate`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import warm

HOST = Path(sys.executable).parent / "pdpp-host"


def test_a_database_is_brought_up_to_date(tmp_path: Path) -> None:
    """An empty database is made, one at head is left; what cannot be migrated ends 2 with a sentence."""
    for _ in range(2):
        ran = _migrate(tmp_path, "sqlite:///host.db")
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.startswith("sqlite 3.")
        assert "newest revision" in ran.stdout
    ran = _migrate(tmp_path, "sqlite:///nowhere/host.db")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "there is no folder" in ran.stderr


def _migrate(home: Path, storage: str) -> subprocess.CompletedProcess[str]:
    return warm.run([str(HOST), "migrate", "--storage", storage], home)
