"""`folder` ends in every case with DONE and the exit status that belongs to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from folder_runs import CANARY, COMMAND, Folder, environment, judge, message


@pytest.mark.parametrize(
    "stdin",
    [
        b"",
        b"\n\n",
        b"{",
        b"\xff\n",
        b"[]\n",
        b'{"type":"STOP"}\n',
        b'{"type":"START"}\n',
        b'{"type":"START","scope":{"streams":[]}}\n',
        b'{"type":"START","scope":{"streams":[{}]}}\n',
        b'{"type":"START","scope":{"streams":[{"name":"messages"},{"name":"messages"}]}}\n',
        b'{"type":"START","scope":{"streams":[{"name":"messages"}]},"state":7}\n',
        b"[" * 100_000,
    ],
    ids=lambda stdin: repr(stdin[:60]),
)
def test_start_that_is_not_one(folder: Folder, stdin: bytes) -> None:
    """Whatever comes in place of START, the run ends DONE failed."""
    run = folder.speak(stdin)
    assert run.exit == 1
    assert run.done["error"]["code"] == "start_not_understood"


@pytest.mark.parametrize(
    "bindings", [None, {}, {"filesystem": {}}, {"filesystem": {"root": 3}}], ids=json.dumps
)
def test_no_source_is_bound(folder: Folder, bindings: object) -> None:
    """A START that binds no root fails the run."""
    run = folder.speak(json.dumps({**folder.start(), "bindings": bindings}).encode())
    assert run.done["error"]["code"] == "source_not_bound"


@pytest.mark.parametrize("root", ["a\0b", "\ud83d"], ids=ascii)
def test_root_that_is_no_path(folder: Folder, root: str) -> None:
    """A root that no file system could have is no inventory."""
    run = folder.speak(json.dumps({**folder.start(), "bindings": {"filesystem": {"root": root}}}).encode())
    assert run.done["error"]["code"] == "source_root_unreadable"


def test_start_after_blank_lines_and_before_more(folder: Folder) -> None:
    """Blank lines before START and whatever follows it are passed over; a CR or no LF does no harm."""
    folder.add("a", message(1))
    start = json.dumps(folder.start()).encode()
    assert folder.speak(b"\n\r\n" + start + b"\r\nmore\n").keys() == ["a/m1"]
    assert folder.speak(start).keys() == ["a/m1"]


def test_cancelled_while_it_waits(folder: Folder) -> None:
    """SIGTERM before START ends the run DONE cancelled, as soon as the program runs at all."""
    child = _begin()
    _wait_for_handler(child.pid)
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=30)
    run = judge(child.returncode, out, err)
    assert run.done == {"type": "DONE", "status": "cancelled", "records_emitted": 0}


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_cancelled_while_it_collects(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, unbuffered: str
) -> None:
    """SIGTERM in the middle ends the run DONE cancelled, with whole lines, the right count and no cursor."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    folder.add("a", *(message(n) for n in range(20_000)))
    child = _begin()
    assert child.stdin
    assert child.stdout
    child.stdin.write(json.dumps(folder.start()).encode() + b"\n")
    child.stdin.flush()
    first = child.stdout.readline()
    child.send_signal(signal.SIGTERM)
    out, err = child.communicate(timeout=30)
    run = judge(child.returncode, first + out, err)
    assert run.done["status"] == "cancelled"
    assert 0 < run.done["records_emitted"] < 20_000
    assert run.state == {}


@pytest.mark.parametrize("lines", [1, 20_000])
def test_nobody_reads(folder: Folder, lines: int) -> None:
    """When its output is closed, the program exits 1 and says nothing."""
    folder.add("a", *(message(n) for n in range(lines)))
    child = _begin()
    assert child.stdout
    child.stdout.close()
    child.stdout = None
    _, err = child.communicate(json.dumps(folder.start()).encode() + b"\n", timeout=30)
    assert child.returncode == 1
    assert err == b""


def test_full_disk_behind_stdout(folder: Folder) -> None:
    """When its output cannot be written, the program exits 1 and blames no partition."""
    folder.add("a", *(message(n) for n in range(2_000)))
    with Path("/dev/full").open("wb") as full:
        child = subprocess.run(
            COMMAND,
            input=json.dumps(folder.start()).encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=30,
        )
    assert child.returncode == 1
    assert child.stderr == b""


def test_fault_of_the_connector() -> None:
    """A connector that breaks ends DONE failed, telling kind and place and no word of the exception."""
    code = (
        "import sys; from pdpp_plugins.connectors.wire import serve\n"
        "def collect(start, wire):\n"
        "    wire.record('s', ['k'], {})\n"
        f"    raise KeyError('{CANARY}')\n"
        "sys.exit(serve(collect))"
    )
    command = [sys.executable, "-P", "-c", code]
    child = subprocess.run(
        command, input=b'{"type":"START"}', capture_output=True, env=environment(), check=False
    )
    run = judge(child.returncode, child.stdout, child.stderr)
    assert run.done["records_emitted"] == 1
    assert run.done["error"]["code"] == "connector_fault"
    assert run.done["error"]["message"] == "the connector broke with KeyError at <string>:4"


@pytest.mark.long
def test_twenty_thousand_channels(folder: Folder) -> None:
    """20 000 channels are collected in one run, whose cursor stays under 4 MB a stream."""
    for n in range(20_000):
        (folder.root / f"channel-{n:05d}").mkdir()
    for n in range(0, 20_000, 100):
        folder.add(f"channel-{n:05d}", message(1))
    run = folder.run()
    assert len(run.keys()) == 200
    sizes = [size for m, size in zip(run.lines, run.sizes, strict=True) if m["type"] == "STATE"]
    assert max(sizes) < 4_000_000
    again = folder.run(run.state)
    assert again.keys() == []
    assert again.skips() == {}


def _begin() -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    return subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, env=environment(), bufsize=0)


def _wait_for_handler(pid: int) -> None:
    """Return once the process catches SIGTERM, as the kernel sees it."""
    bit = 1 << (signal.SIGTERM - 1)
    while True:
        status = Path(f"/proc/{pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        if int(caught.split()[1], 16) & bit:
            return
        os.sched_yield()
