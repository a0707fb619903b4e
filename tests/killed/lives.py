"""The lives of a history's hosts, each a process forked from one that has everything imported."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pluggy

from pdpp_host.compose import open_storage
from pdpp_host.runtime import batching
from pdpp_plugins.storage.sql_storage import SqlStorage

from . import living
from .histories import History, Moment
from .laws import check

PATIENCE_S = 120.0


class Broken(Exception):
    """A history after which a law does not hold."""


def lived(manager: pluggy.PluginManager, url: str, home: Path, history: History) -> tuple[int, ...]:
    """Live a history through; the steps in which its hosts died. Broken where a law does not hold.

    `manager` has the plugin that dies.
    """
    log: list[tuple[Any, ...]] = []
    deaths, at = [], 0
    for moment in (*history.deaths, None):
        told, died = _forked(
            lambda tell, at=at, due=moment: _life(manager, url, home, history, at, due, tell)
        )
        log += told
        if not died:
            break
        steps = [number for kind, number, *_ in told if kind == "begin"]
        deaths.append(steps[-1] if steps else -1)
        log.append(("died",))
        log += _judged(manager, url, history, log, settled=False)
        done = sum(kind == "done" for kind, *_ in told)
        at += done + (not history.again and len(steps) > done)
    if died:
        raise Broken(f"seed {history.seed}: the last host died, which nobody had killed")
    _judged(manager, url, history, log, settled=True)
    return tuple(deaths)


def _life(
    manager: pluggy.PluginManager,
    url: str,
    home: Path,
    history: History,
    at: int,
    moment: Moment | None,
    tell: living.Tell,
) -> None:
    if history.small:
        batching.BATCH, batching.LARGEST = 2, 4
    living.lit(manager, moment, tell)
    living.live(manager, url, home, history, at, tell)


def _judged(
    manager: pluggy.PluginManager, url: str, history: History, log: list[tuple[Any, ...]], *, settled: bool
) -> list[tuple[Any, ...]]:
    """The runs that are there though nobody was told of them, as the log has them."""

    def judge(tell: living.Tell) -> None:
        storage = open_storage(manager, url)
        assert isinstance(storage, SqlStorage)
        for run_id in check(storage, history, log, settled=settled):
            tell("was", run_id)
        if settled:
            living.converged(manager, url)

    told, died = _forked(judge)
    if died:
        raise Broken(f"seed {history.seed}: the judge died")
    return told


def _forked(work: Callable[[living.Tell], None]) -> tuple[list[tuple[Any, ...]], bool]:
    """What a process told, and whether it was killed; Broken for one that fails or goes on for ever."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    heard, over = _heard(reading)
    if not over:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    told = [tuple(json.loads(line)) for line in heard.splitlines(keepends=True) if line.endswith(b"\n")]
    failed = [text for kind, *rest in told if kind == "failed" for text in rest]
    if failed or not over:
        raise Broken("".join(failed) or f"goes on for ever, after {told[-3:]}")
    return told, os.WIFSIGNALED(status)


def _work(work: Callable[[living.Tell], None], writing: int) -> None:
    """Be the child: its last word is how it failed, if it did."""

    def tell(*words: Any) -> None:
        os.write(writing, json.dumps(words).encode() + b"\n")

    try:
        work(tell)
    except BaseException:
        sys.settrace(None)
        tell("failed", traceback.format_exc())
    finally:
        os._exit(0)


def _heard(reading: int) -> tuple[bytes, bool]:
    """All that comes, and whether it came to its end in time."""
    heard, until = b"", time.monotonic() + PATIENCE_S
    while select.select([reading], [], [], max(0.0, until - time.monotonic()))[0]:
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            return heard, True
        heard += chunk
    return heard, False
