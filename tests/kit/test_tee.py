"""The recorder between host and connector: byte for byte, noted before forwarded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from kit_runs import ROOT

from pdpp_tck.evidence.door import TEE


def tee(folder: Path, *command: str) -> list[str]:
    """The command line that records `command` in a folder."""
    return [sys.executable, "-S", "-E", str(TEE), str(folder), "--", *command]


def noted(folder: Path) -> list[dict[str, Any]]:
    """The one transcript in a folder, each line held against its schema."""
    schema = json.loads((ROOT / "features" / "schemas" / "transcript.json").read_text())
    validator = jsonschema_rs.validator_for(schema)
    (file,) = folder.glob("*.jsonl")
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    for entry in entries:
        validator.validate(entry)
    assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))
    return entries


@pytest.mark.parametrize(
    "said", [b"one\ntwo\n", b"last without end", b"\xff\xfe\n", b"", b"\n\n", b"x" * 3_000_000 + b"\nend\n"]
)
def test_bytes_go_through_unchanged(tmp_path: Path, said: bytes) -> None:
    """What the connector reads and says arrives to the byte, and all of it is noted."""
    done = subprocess.run(tee(tmp_path, "cat"), input=said, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, said)
    entries = noted(tmp_path)
    assert json.loads(entries[-1]["line"]) == {"status": 0}
    for direction in ("in", "out"):
        pieces = [entry for entry in entries if entry["dir"] == direction]
        assert sum(len(piece.get("line", "")) for piece in pieces) <= len(said)
        if b"\n" in said and said.isascii():
            assert [piece["line"].encode() for piece in pieces] == said.removesuffix(b"\n").split(b"\n")


def test_status_and_stderr_are_the_connectors_own(tmp_path: Path) -> None:
    """Exit status and stderr pass through and are noted."""
    program = "import sys; sys.stderr.write('oh\\n'); sys.exit(3)"
    done = subprocess.run(tee(tmp_path, sys.executable, "-c", program), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (3, b"oh\n")
    assert [(entry["dir"], entry["line"]) for entry in noted(tmp_path)] == [
        ("err", "oh"),
        ("exit", '{"status": 3}'),
    ]


def test_a_killed_group_leaves_no_exit_line(tmp_path: Path) -> None:
    """A transcript that ends without an exit line means that the whole group was killed."""
    command = tee(tmp_path, sys.executable, "-uc", "print('alive'); input()")
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"alive\n"
        os.killpg(child.pid, signal.SIGKILL)
    assert [entry["dir"] for entry in noted(tmp_path)] == ["out"]


def test_a_command_that_cannot_start_says_so(tmp_path: Path) -> None:
    """A missing program ends 127, and the transcript says why."""
    done = subprocess.run(tee(tmp_path, "./nobody"), capture_output=True, check=False)
    assert done.returncode == 127
    assert "launch_failed" in noted(tmp_path)[0]["line"]
