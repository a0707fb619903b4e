"""Following a page: its files written, its commands run as they stand, their output held to what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pages import blocks

BIN = Path(sys.executable).parent
PATIENCE_S = 120
_STATUS = re.compile(r"\s+# exits (\d+)$")
Shell = Callable[[str], tuple[int, str]]
"""Runs what is typed; how it ended, and all that it printed."""


@dataclass
class Command:
    """A command of a guide: what is typed, how it ends, and lines of what it prints."""

    text: str
    status: int
    line: int
    shown: list[str] = field(default_factory=list)


def commands(text: str, line: int) -> Iterator[Command]:
    """The commands of a console block whose fence is at `line`."""
    current: Command | None = None
    for number, said in enumerate(text.splitlines(), start=line + 1):
        if said.startswith("$ "):
            if current:
                yield current
            status = _STATUS.search(said)
            current = Command(_STATUS.sub("", said[2:]), int(status.group(1)) if status else 0, number)
        else:
            assert current is not None, f"line {number}: output before any command"
            current.shown.append(said)
    if current:
        yield current


def follow(text: str, folder: Path, shell: Shell | None = None) -> int:
    """Do what a page says, in a folder; the result is how many commands it had."""
    count = 0
    for block in blocks(text):
        if block.info == "console":
            for command in commands(block.text, block.line):
                hold(command, *(shell or fresh_shell(folder))(command.text))
                count += 1
        elif " " in block.info:
            file = folder / block.info.split(" ", 1)[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
    return count


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, with our own programs found first."""
    return {**os.environ, **(more or {}), "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}


def fresh_shell(folder: Path) -> Shell:
    """A shell that remembers nothing from one command to the next."""

    def run(typed: str) -> tuple[int, str]:
        done = subprocess.run(
            ["sh", "-c", typed],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.returncode, done.stdout

    return run


def hold(command: Command, status: int, output: str) -> None:
    """Hold what a command did against what is shown of it."""
    told = f"line {command.line}: {command.text}\n{output}"
    assert status == command.status, f"ended {status}, not {command.status}: {told}"
    printed = iter([re.sub(r"\s+", " ", line).strip() for line in output.splitlines()])
    for shown in filter(None, (re.sub(r"\s+", " ", line).strip() for line in command.shown)):
        wanted = re.compile(".*".join(map(re.escape, shown.split("…"))))
        assert shown == "…" or any(map(wanted.fullmatch, printed)), f"does not print {shown!r}: {told}"
