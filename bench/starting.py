"""What a user waits for: a host that answers, and a whole conformance run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from figures import Figure, by_turns, seconds
from host.processes import served

KIT = Path(sys.executable).parent / "pdpp-tck"


def host() -> Iterator[Figure]:
    """From the start of the command to its first answer, beside a bare interpreter's start."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "host.db"
        mine, bound = by_turns(
            lambda: seconds(lambda: _answers(f"sqlite:///{file}")),
            lambda: seconds(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)),
        )
    yield Figure("host start to its first answer, SQLite", "s", mine, None, bound, "bare interpreter")


def _answers(storage: str) -> None:
    with served(storage) as host, host.client() as client:
        client.get("/")


def conformance() -> Iterator[Figure]:
    """`pdpp-tck run` without arguments, as `make conformance` has it."""
    (mine,) = by_turns(lambda: seconds(lambda: _kit("run")), times=3)
    yield Figure("whole conformance run, SQLite", "s", mine, 10)


def falsify() -> Iterator[Figure]:
    """Every mutant and legal variant, once, as `make falsify` has it."""
    yield Figure("every mutant and variant tried", "s", seconds(lambda: _kit("falsify")))


def _kit(command: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([KIT, command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
