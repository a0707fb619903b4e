"""Faults at a connector's pipes: who bears them passes, and who does not is told by which."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pdpp_tck.alone import start_line
from pdpp_tck.evidence.lone import Alone
from pdpp_tck.faults import BREAKS, FORCE, NAMES, SLOW, be_rude, rudeness
from pdpp_tck.subject import Connector

MANIFEST: dict[str, Any] = {
    "connector_key": "c",
    "streams": [{"name": "s", "schema": {}, "primary_key": ["id"]}],
}
GOOD = """\
import json, os, sys
start = json.loads(sys.stdin.buffer.readline())
def say(**m): print(json.dumps(m), flush=True)
n = 0
try:
    for name in sorted(os.listdir(start["bindings"]["filesystem"]["root"])):
        say(type="RECORD", stream="s", key=name, data={"id": name}, emitted_at="2026-01-01T00:00:00Z")
        n += 1
    say(type="DONE", status="succeeded", records_emitted=n)
except OSError as error:
    say(type="DONE", status="failed", records_emitted=n)
    sys.exit(1)
"""


def started(folder: Path, program: str, fault: str) -> Alone:
    """One start of a program under a fault, over a folder of two files."""
    root = folder / "root"
    root.mkdir(exist_ok=True)
    for name in ("a", "b"):
        (root / name).touch()
    (folder / "c.py").write_text(program)
    command = (sys.executable, "c.py")
    connector = Connector("c", "1", MANIFEST, command, frozenset(), None, {}, folder, patience_s=1.5)
    noted = be_rude(fault, connector, {"root": str(root)}, lambda: None, 7)
    return Alone.of({"manifest": MANIFEST, **noted})


@pytest.mark.parametrize("fault", NAMES)
def test_a_good_connector_bears_them_all(tmp_path: Path, fault: str) -> None:
    """It ends in time, keeps the wire and says DONE; a window in the far future is not its to know here."""
    seen = started(tmp_path, GOOD, fault)
    assert seen.ended
    if fault in (FORCE, "the clock is far ahead"):
        return
    assert (seen.breaches, seen.statuses) == ((), ["succeeded"])


@pytest.mark.parametrize(
    ("fault", "right", "wrong"),
    [
        ("START comes in pieces", "sys.stdin.buffer.readline()", "os.read(0, 65536)"),
        ("START comes twice", "n = 0", "json.loads(sys.stdin.buffer.readline())['none']"),
        ("its cursor is a newer version's", "n = 0", "n = 0 * start['state']['s']['at']"),
        (SLOW, "n = 0", "n = 0\nos.set_blocking(1, False)\nprint('x' * 1000000)"),
        (BREAKS, "os.listdir(", "os.listdir('gone' * bool(sys.stdin) + "),
    ],
)
def test_who_does_not_bear_one_is_found(tmp_path: Path, fault: str, right: str, wrong: str) -> None:
    """To read only once, to know only one's own cursors, to trust a source: each breaks down under one."""
    program = GOOD.replace(right, wrong, 1).replace("OSError", "EOFError")
    seen = started(tmp_path, program, fault)
    assert seen.breaches
    assert seen.statuses != ["succeeded"]


@pytest.mark.parametrize("program", ["import sys; sys.stdin.read()", GOOD + "import time; time.sleep(60)"])
def test_who_does_not_end_is_ended(tmp_path: Path, program: str) -> None:
    """To wait for the end of stdin, or for nothing at all, is no end in time."""
    seen = started(tmp_path, program, "its cursor is huge")
    assert not seen.ended
    assert seen.transcript.exit_status is None


def test_what_follows_from_the_seed() -> None:
    """The same seed cuts START in the same places, one of them within a character."""
    start = start_line(MANIFEST, {}, None, "r")
    pieces, again, other = (rudeness("START comes in pieces", start, seed).lines for seed in (7, 7, 8))
    assert pieces == again != other
    assert json.loads(b"".join(pieces))["type"] == "START"
    with pytest.raises(UnicodeDecodeError):
        pieces[0].decode()
