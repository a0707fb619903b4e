"""A peer's own venv, made once and kept until what is pinned for it changes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[1] / "reports" / "bench" / "peers"
PINNED = Path(__file__).parent / "singer" / "constraints.txt"
_PATIENCE_S = 600


class NoPeer(Exception):
    """A peer that could not be had, or did not do what it is measured at; the message says why."""


def venv(package: str) -> Path:
    """The folder of the programs of a venv that has this package, in the version that is pinned."""
    home, wanted = HOME / package, f"{package}\n{PINNED.read_text()}"
    ready = home / "ready"
    if not ready.exists() or ready.read_text() != wanted:
        print(f"installing {package} into {home}", file=sys.stderr)
        _done(sys.executable, "-m", "venv", "--clear", str(home))
        pip = (str(home / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
        _done(*pip, "-c", str(PINNED), package)
        ready.write_text(wanted)
    return home / "bin"


def _done(*command: str) -> None:
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE_S)
    except subprocess.CalledProcessError as failed:
        raise NoPeer(f"{command[-1]} is not to be had: {_why(failed)}") from None
    except subprocess.TimeoutExpired:
        raise NoPeer(f"{command[-1]} was not there after {_PATIENCE_S} s") from None


def _why(failed: subprocess.CalledProcessError) -> str:
    """The first line that says ERROR, as pip's do before its advice, else the last one."""
    said = (failed.stderr.strip() or failed.stdout.strip() or "it said nothing").splitlines()
    errors = (line for line in said if line.startswith("ERROR: "))
    return next(errors, said[-1]).removeprefix("ERROR: ")
