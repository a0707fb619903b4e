"""Starting a connector as a process group of its own, and ending the whole group."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread

from pdpp_host.domain.entities import Source

ALLOWED_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SYSTEMROOT")
STDERR_KEPT = 64 * 1024
GRACE_SECONDS = 0.5


class LaunchFailed(Exception):
    """The command could not be started."""


class Child:
    """A running connector: its pipes, and the process group behind them."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._stdin = process.stdin
        self.stdout = process.stdout.fileno()
        self._stderr: deque[bytes] = deque()
        self._threads = [Thread(target=self._drain, name="connector-stderr", daemon=True)]
        self._threads[0].start()

    def send(self, line: bytes) -> None:
        """Write one line from a thread of its own: a child that never reads must not block the host."""
        thread = Thread(target=self._write, args=(line + b"\n",), name="connector-stdin", daemon=True)
        thread.start()
        self._threads.append(thread)

    def wait(self) -> int:
        """The exit status, once stdout has ended; what is left of the group is ended too."""
        try:
            status = self._process.wait(timeout=GRACE_SECONDS * 10)
        except subprocess.TimeoutExpired:
            self.end()
            status = self._process.wait()
        self._signal(signal.SIGKILL)
        return status

    def end(self) -> None:
        """End the whole group: SIGTERM, a moment of grace, SIGKILL."""
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Close every pipe; the child must be gone."""
        for thread in self._threads:
            thread.join()
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        for pipe in (self._stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                pipe.close()

    @property
    def errors(self) -> str:
        """The end of what the child wrote to stderr, at most 64 KiB."""
        return b"".join(self._stderr)[-STDERR_KEPT:].decode("utf-8", "replace")

    def _write(self, line: bytes) -> None:
        with suppress(OSError, ValueError):
            self._stdin.write(line)
            self._stdin.flush()

    def _drain(self) -> None:
        assert self._process.stderr is not None
        kept = 0
        while chunk := os.read(self._process.stderr.fileno(), 16 * 1024):
            self._stderr.append(chunk)
            kept += len(chunk)
            while kept - len(self._stderr[0]) > STDERR_KEPT:
                kept -= len(self._stderr.popleft())

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def launch(command: Sequence[str], environment: dict[str, str], source: Source) -> Child:
    """Start a connector; `{source}` and `{base_url}` in its words are replaced by its path's own.

    The child sees an allow-listed environment and the connector's declared one, nothing else of the
    host's. Raises LaunchFailed when the command does not exist or cannot be executed.
    """
    filled = {"{source}": source.root or "", "{base_url}": source.base_url or ""}
    allowed = {name: os.environ[name] for name in ALLOWED_ENVIRONMENT if name in os.environ}
    declared = {name: _filled(value, filled) for name, value in environment.items()}
    try:
        process = subprocess.Popen(
            [_filled(word, filled) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=allowed | declared,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise LaunchFailed(f"{command[0]!r} could not be started: {error}") from error
    return Child(process)


def _filled(text: str, filled: dict[str, str]) -> str:
    for name, value in filled.items():
        text = text.replace(name, value)
    return text
