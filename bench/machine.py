"""What machine the figures are of."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def facts() -> dict[str, Any]:
    """All that a figure depends on besides the code, and which code it was."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "files_on": _file_system(Path(tempfile.gettempdir()).resolve()),
        "commit": _commit(),
        "load": load(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def load() -> list[float]:
    """How many wanted a core in the last 1, 5 and 15 minutes: with more than ours, the figures are worse."""
    return [round(each, 1) for each in os.getloadavg()]


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.*)$", told.read_text(), re.MULTILINE) if told.exists() else None
    return found[1] if found else platform.processor()


def _file_system(folder: Path) -> str | None:
    """The kind of what databases are written to: on tmpfs an fsync costs nothing, to us and to a floor."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return None
    rows = [line.split() for line in mounts.read_text().splitlines()]
    over = [(row[1], row[2]) for row in rows if folder.is_relative_to(row[1])]
    return max(over, key=lambda row: len(row[0]))[1]


def _commit() -> str | None:
    """The commit, with a mark where the tree has something else."""
    asked = ("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty")
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
