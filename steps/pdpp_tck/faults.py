"""Faults at a connector's pipes: the kit starts it by itself, is rude, and notes what came of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any

from pdpp_tck.alone import as_host, filled, said, start_line
from pdpp_tck.subject import Connector

HUGE = 3_000_000
NEWER = {"version": 999, "v2": {"a": [1]}}
SLOW_READS = 40
EMPTY, BREAKS = "the source is empty", "the source breaks half-way"
SLOW, FORCE = "its output is read slowly", "SIGTERM while it speaks"
LARGE = (BREAKS, SLOW, FORCE)
"""Faults that need a source of some size."""

PIECE_S = 0.2
Child = subprocess.Popen[bytes]


@dataclass(slots=True)
class Rudeness:
    """What is done to one start: how START is said, how slowly its output is read, what happens meanwhile."""

    lines: list[bytes]
    say: Callable[[Child, list[bytes]], None]
    slow: bool = False
    when_speaking: Callable[[Child], None] = lambda child: None


PATIENCE_S = 20.0


def be_rude(
    fault: str, connector: Connector, where: dict[str, str], spoil: Callable[[], None], seed: int
) -> dict[str, Any]:
    """One start of the connector under a fault: what crossed its pipes, and whether it ended by itself.

    `spoil` breaks the source, where the fault is that it breaks.
    """
    rude = rudeness(fault, start_line(connector.manifest, where, None, fault), seed)
    if fault == BREAKS:
        rude.when_speaking = lambda child: spoil()
    heard: list[bytes] = []
    with _started(connector, where) as child:
        ended = _course(child, rude, heard, min(PATIENCE_S, connector.patience_s))
        status = child.poll() if ended else None
    return {"fault": fault, "exited": ended, "transcript": _noted(rude.lines, heard, status)}


def rudeness(fault: str, start: dict[str, Any], seed: int) -> Rudeness:
    """What a fault does to a start; raises KeyError for one that nobody knows."""
    return _FAULTS[fault](start, random.Random(f"{seed}{fault}"))


@contextmanager
def _started(connector: Connector, where: dict[str, str]) -> Iterator[Child]:
    child = subprocess.Popen(
        filled(connector.command, where),
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=connector.folder,
        env=as_host(connector.environment, where),
        start_new_session=True,
    )
    try:
        yield child
    finally:
        _signal(child, signal.SIGKILL)
        child.wait()
        for pipe in filter(None, (child.stdin, child.stdout)):
            with suppress(OSError):
                pipe.close()


def _signal(child: Child, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _noted(said_: list[bytes], heard: list[bytes], status: int | None) -> list[dict[str, Any]]:
    """What crossed, as the recorder notes it: what was said to it first, then all that it said."""
    lines = [("in", line) for line in b"".join(said_).splitlines()]
    lines += [("out", line) for line in b"".join(heard).removesuffix(b"\n").split(b"\n") if heard]
    lines += [("exit", b'{"status": %d}' % status)] if status is not None else []
    return [{"n": n, "dir": way, "b64": b64encode(line).decode()} for n, (way, line) in enumerate(lines, 1)]


def _course(child: Child, rudeness: Rudeness, heard: list[bytes], patience_s: float) -> bool:
    """Say and read at once, as a host does; whether the connector ended before patience did."""
    teller = Thread(target=rudeness.say, args=(child, rudeness.lines), daemon=True)
    reader = Thread(target=_reading, args=(child, rudeness, heard), daemon=True)
    teller.start()
    reader.start()
    try:
        child.wait(patience_s)
    except subprocess.TimeoutExpired:
        return False
    finally:
        _signal(child, signal.SIGKILL)
        reader.join(PATIENCE_S)
        teller.join(1)
    return True


def _reading(child: Child, rudeness: Rudeness, heard: list[bytes]) -> None:
    assert child.stdout is not None
    pace = SLOW_READS if rudeness.slow else 0
    with suppress(OSError, ValueError):
        while chunk := os.read(child.stdout.fileno(), 512 if pace else 65536):
            if not heard:
                rudeness.when_speaking(child)
            heard.append(chunk)
            pace = max(0, pace - 1)
            time.sleep(0.02 if pace else 0)


def _tell(child: Child, lines: list[bytes]) -> None:
    assert child.stdin is not None
    with suppress(OSError, ValueError):
        for line in lines:
            rest = memoryview(line)
            while rest:
                rest = rest[child.stdin.write(rest) :]


def _in_pieces(child: Child, lines: list[bytes]) -> None:
    for piece in lines:
        _tell(child, [piece])
        # Long enough for the connector to be there and to find nothing but this piece.
        time.sleep(PIECE_S)


def _and_close(child: Child, lines: list[bytes]) -> None:
    assert child.stdin is not None
    _tell(child, lines)
    with suppress(OSError):
        child.stdin.close()


def _terminate(child: Child) -> None:
    _signal(child, signal.SIGTERM)


Start = dict[str, Any]


def _cut(start: Start, chance: random.Random) -> Rudeness:
    """START with characters of several bytes in it, each piece ending within one or anywhere."""
    line = said({**start, "run_id": "läuft-走-🚶"})
    within = [at for at in range(1, len(line)) if line[at] & 0xC0 == 0x80]
    cuts = sorted({*chance.sample(within, min(3, len(within))), chance.randrange(1, len(line))})
    pieces = [line[a:b] for a, b in zip([0, *cuts], [*cuts, len(line)], strict=True)]
    return Rudeness(pieces, _in_pieces)


def _with_state(start: Start, cursor: Any) -> Rudeness:
    state = {stream["name"]: cursor for stream in start["scope"]["streams"]}
    line = said({**start, "state": state, "collection_mode": "incremental"})
    return Rudeness([line], _tell)


def _late(start: Start) -> Rudeness:
    """A window that begins when the connector's clock has not come that far."""
    streams = [{**s, "time_range": {"since": "2100-01-01T00:00:00Z"}} for s in start["scope"]["streams"]]
    return Rudeness([said({**start, "scope": {"streams": streams}})], _tell)


_FAULTS: dict[str, Callable[[Start, random.Random], Rudeness]] = {
    "START comes in pieces": _cut,
    SLOW: lambda start, _: Rudeness([said(start)], _tell, slow=True),
    "its stdin is closed": lambda start, _: Rudeness([said(start)], _and_close),
    FORCE: lambda start, _: Rudeness([said(start)], _tell, when_speaking=_terminate),
    "START comes twice": lambda start, _: Rudeness([said(start)] * 2, _tell),
    "its cursor is cut short": lambda start, _: _with_state(start, {}),
    "its cursor is a newer version's": lambda start, _: _with_state(
        start, {"version": 999, "v2": {"a": [1]}}
    ),
    "its cursor is huge": lambda start, _: _with_state(start, {"padding": "x" * HUGE}),
    EMPTY: lambda start, _: Rudeness([said(start)], _tell),
    BREAKS: lambda start, _: Rudeness([said(start)], _tell),
    "the clock is far ahead": lambda start, _: _late(start),
}
NAMES = tuple(_FAULTS)
