"""`check` on files of a gigabyte, good ones and spoilt ones: a verdict each, in bounded memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

KIT = Path(sys.executable).parent / "pdpp-tck"
SIZE = 1_000_000_000
MOST_MB = 700
RECORD = '{"type":"RECORD","stream":"s","key":"%d","data":{"id":"%d","text":"' + "x" * 1500 + '"},'
RECORD += '"emitted_at":"2026-01-01T00:00:00Z"}'


def good() -> Iterator[bytes]:
    """Records, then the DONE that counts them."""
    count = SIZE // len(RECORD)
    yield b'{"type":"START","run_id":"r","scope":{"streams":[{"name":"s"}]}}\n'
    for n in range(count):
        yield (RECORD % (n, n)).encode() + b"\n"
    yield json.dumps({"type": "DONE", "status": "succeeded", "records_emitted": count}).encode() + b"\n"


def bad() -> Iterator[bytes]:
    """Not one line that is JSON."""
    yield from (b"\xff" * 1500 + b"\n" for _ in range(SIZE // 1501))


def endless() -> Iterator[bytes]:
    """One line."""
    yield from (b"x" * 1_000_000 for _ in range(SIZE // 1_000_000))


def gaps() -> Iterator[bytes]:
    """More details than anybody holds."""
    line = '{"type":"DETAIL_GAP","stream":"s","record_key":"%d"}\n'
    yield from ((line % n).encode() for n in range(SIZE // 240))


def main() -> int:
    """Make each file, check it, and hold status and memory against what they may be."""
    wrong = 0
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        for make, status in ((good, 0), (bad, 1), (endless, 1), (gaps, 1)):
            file = Path(folder) / "big.jsonl"
            with file.open("wb") as opened:
                opened.writelines(make())
            began = time.monotonic()
            command = [KIT, "check", str(file), "--format", "json"]
            done = subprocess.run(command, capture_output=True, check=False)
            took = time.monotonic() - began
            most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            held = done.returncode == status and b"Traceback" not in done.stderr and most < MOST_MB
            wrong += not held
            print(f"{make.__name__:8} {file.stat().st_size / 1e9:.2f} GB  status {done.returncode}", end="  ")
            print(f"{took:.0f} s  at most {most:.0f} MB  {'held' if held else 'NOT HELD'}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
