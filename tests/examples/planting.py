"""The examples of docs/examples: copied, perhaps with one of their mistakes planted, and judged."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

import warm
from kit_runs import KIT, ROOT, Ran
from parts import missing

EXAMPLES = ROOT / "docs" / "examples"
NEEDS = {"atom-archive": ("python3",), "git-commits": ("node", "git"), "csv-export": ("jq", "awk")}


@dataclass(frozen=True)
class Mistake:
    """One planted mistake: the clause that has to tell it, and how the line begins at which it does."""

    example: str
    title: str
    file: str
    right: str
    wrong: str
    clause: str
    line: str


def mistakes(example: str) -> list[Mistake]:
    """The mistakes of one example."""
    told = tomllib.loads((EXAMPLES / example / "mistakes.toml").read_text(encoding="utf-8"))
    return [Mistake(example, **one) for one in told["mistake"]]


def copied(example: str, folder: Path) -> Path:
    """A copy of an example; a part of the machine that it needs and that is missing ends the test."""
    for part in NEEDS[example]:
        if shutil.which(part) is None:
            missing(part, f"the example {example} needs it")
    return shutil.copytree(EXAMPLES / example, folder / example)


def plant(mistake: Mistake, folder: Path) -> None:
    """Put the mistake in, in the one place where it belongs."""
    file = folder / mistake.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mistake.right) == 1, mistake.title
    file.write_text(text.replace(mistake.right, mistake.wrong), encoding="utf-8")


def judged(folder: Path, *more: str) -> Ran:
    """What the kit says of the connector in a folder, with nothing but its settings; it may take long."""
    command = [str(KIT), "run", "--format", "json", *more]
    done = warm.run(command, folder, timeout=1800)
    return Ran(done.returncode, done.stdout, done.stderr, folder)


def failed(ran: Ran) -> set[str]:
    """The clauses that failed."""
    clauses = [clause for scenario in ran.report["scenarios"] for clause in scenario["clauses"]]
    return {clause["id"] for clause in clauses if clause["verdict"] == "failed"}
