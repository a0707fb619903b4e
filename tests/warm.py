"""Our commands as processes forked from one that has imported them: a start costs a third of a cold one.

What is forked is as fresh as any: nothing of ours has run in its parent, which only imports.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import importlib.metadata
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROGRAMS = {"pdpp-tck": "pdpp_tck.cli", "pdpp-host": "pdpp_host.cli"}
_BESIDE = (
    "alembic.command", "alembic.runtime.migration", "anyio._backends._asyncio", "encodings.idna", "pdb",
    "pydantic.type_adapter", "pytest_bdd.plugin", "rich.progress", "rich.table", "sqlalchemy", "unittest",
    "uvicorn.lifespan.off", "uvicorn.loops.asyncio", "uvicorn.protocols.http.h11_impl",
    "pdpp_tck.evidence.acquired", "pdpp_tck.reports.excerpt", "pdpp_tck.reports.table", "pdpp_tck.sentence",
)  # fmt: skip
_SAID = "pdpp_tck.vocabulary"
_started: list[subprocess.Popen[str]] = []


def run(
    command: Sequence[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 300,
    given: bytes = b"",
) -> subprocess.CompletedProcess[str]:
    """One of our commands, by its path, until it ends; stdin is what is given, what it says is text.

    Raises subprocess.TimeoutExpired for one that did not end within `timeout` seconds, and kills it.
    """
    file = tempfile.NamedTemporaryFile
    with file() as stdin, file() as out, file() as err:
        stdin.write(given)
        stdin.flush()
        asked = {
            "command": list(command),
            "cwd": str(cwd),
            "env": dict(os.environ if env is None else env),
            "given": stdin.name,
            "said": [out.name, err.name],
            "timeout": timeout,
        }
        status = _asked(asked)
        if status is None:
            raise subprocess.TimeoutExpired(list(command), timeout)
        said = [each.read().decode() for each in (out, err)]
    return subprocess.CompletedProcess(list(command), status, *said)


def _asked(asked: dict[str, Any]) -> int | None:
    if not _started:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        _started.append(subprocess.Popen([sys.executable, __file__], text=True, **pipes))
        atexit.register(_end)
    (warm,) = _started
    assert warm.stdin is not None
    assert warm.stdout is not None
    print(json.dumps(asked), file=warm.stdin, flush=True)
    status: int | None = json.loads(warm.stdout.readline())
    return status


def _end() -> None:
    for warm in _started:
        with contextlib.suppress(BrokenPipeError):
            warm.communicate()


def _serve() -> int | str | None:
    """Fork once for each line that asks for it; in what was forked, be the program and end as it ends."""
    for module in (*PROGRAMS.values(), *_BESIDE):
        importlib.import_module(module)
    for group in ("pdpp_host", "pdpp_tck"):
        for plugin in importlib.metadata.entry_points(group=group):
            plugin.load()
    for module in pkgutil.walk_packages(importlib.import_module(_SAID).__path__, f"{_SAID}."):
        importlib.import_module(module.name)
    # What is here already is no garbage: nobody who was forked looks through it, or copies it by looking.
    gc.freeze()
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            return _be(asked)
        print(json.dumps(_waited(child, asked["timeout"])), flush=True)
    return 0


def _be(asked: dict[str, Any]) -> int | str | None:
    """In what was forked: the program, with nothing left of the process that forked it."""
    program = Path(asked["command"][0])
    for descriptor, (path, way) in enumerate(
        [(asked["given"], os.O_RDONLY), *((path, os.O_WRONLY | os.O_APPEND) for path in asked["said"])]
    ):
        opened = os.open(path, way)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    more = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:1] = [str(program.parent), *more]
    importlib.invalidate_caches()
    sys.argv = list(asked["command"])
    sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    main: Any = importlib.import_module(PROGRAMS[program.name]).main
    ended: int | str | None = main()
    return ended


def _waited(child: int, timeout: float) -> int | None:
    """The exit status as subprocess tells it; None where it had to be killed."""
    ends = time.monotonic() + timeout
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > ends:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.002)


if __name__ == "__main__":
    sys.exit(_serve())
