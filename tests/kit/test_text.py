"""The text of a run: for people, with colour and progress at a terminal only."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from kit_runs import KIT, WRONG, Kit, Ran

COMMAND = ["--manifest", str(WRONG / "manifest.json"), "--source-driver", "folder", "--", sys.executable]


def test_a_pipe_gets_no_colour_and_no_progress(kit: Kit) -> None:
    """Piped text has no escape sequence and no blanks at its line ends; stderr stays empty."""
    ran = kit("run", "--select", "PR-01.1", *COMMAND, str(WRONG / "honest.py"))
    assert ran.status == 0
    assert "\x1b" not in ran.out + ran.err
    assert ran.err == ""
    assert not [line for line in ran.out.splitlines() if line.endswith(" ")]
    assert "conformant: " in ran.out
    assert "failed" not in ran.out


def test_a_failure_is_told_whole(kit: Kit, tmp_path: Path) -> None:
    """Clause, says, expected, seen, first bad line, evidence, and a replay line that can be pasted."""
    ran = kit("run", "--select", "PR-03.1", *COMMAND, str(WRONG / "ignores_resources.py"))
    assert ran.status == 1
    block = ran.out.partition("PR-03.1/T3")[2].partition("\nCP-")[0]
    for name in ("says", "expected", "seen", "line 5", "evidence", "replay"):
        assert f"\n  {name}" in block
    assert "alphabet-1" in block
    assert "next: " in ran.out
    (command,) = [line.split("replay", 1)[1] for line in block.splitlines() if line.startswith("  replay")]
    again = kit(*command.split()[1:])
    assert again.status == 1
    assert "alphabet-1" in again.out


def test_a_terminal_gets_colour_and_progress(tmp_path: Path) -> None:
    """At a terminal verdicts are coloured and progress shows."""
    ours, theirs = pty.openpty()
    env = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80"}
    env.pop("NO_COLOR", None)
    command = [str(KIT), "run", "--select", "PR-03.3"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=theirs, stderr=theirs, env=env) as child:
        os.close(theirs)
        said = b""
        while chunk := _read(ours):
            said += chunk
    os.close(ours)
    assert child.returncode == 0
    assert b"\x1b[32mpassed" in said
    assert b"0/1" in said


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def test_a_seed_is_told_and_taken(kit: Kit, whole: Ran) -> None:
    """The seed that was given is the one that the run names."""
    assert whole.report["seed"] == 7
    assert "seed 8" in kit("run", "--seed", "8", "--select", "PR-03.3").out
