"""Starting a connector as a process group of its own, and ending the whole group."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import Lock, Thread

from pdpp_host.domain.entities import Source
from pdpp_host.runtime.outbox import Outbox
from pdpp_host.runtime.pipes import incoming

ALLOWED_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SYSTEMROOT")
STDERR_KEPT = 64 * 1024
FROM_HOST = "{host}"
"""A declared variable of this value has that of the host's own environment when the connector is started."""

EXIT_SECONDS = 5.0
GRACE_SECONDS = 0.5
_SLICE_SECONDS = 0.05


class LaunchFailed(Exception):
    """The command could not be started."""


class Child:
    """A running connector: its pipes, and the process group behind them.

    Nothing here waits for anything but the connector itself; what it leaves of its group when it exits
    is ended with it.
    """

    def __init__(self, process: subprocess.Popen[bytes], secrets: Sequence[str] = ()) -> None:
        self._process = process
        self.secrets = secrets
        self._deadline: float | None = None
        self._swept = False
        self._lock = Lock()
        self._stderr: deque[bytes] = deque()
        assert process.stdin is not None
        self._outbox = Outbox(process.stdin.fileno(), self.gone)
        self._drainer = Thread(target=self._drain, name="connector-stderr", daemon=True)
        self._drainer.start()

    def send(self, line: bytes) -> int:
        """Send one line and wait for nothing; the number by which `has_read` knows it."""
        return self._outbox.put(line)

    def has_read(self, mark: int) -> bool:
        """Whether the child has read the line that `send` gave this number; False only where it is sure."""
        return self._outbox.has_read(mark)

    def stdout(self, look: Callable[[], None] = lambda: None) -> Iterator[bytes]:
        """What the child writes, to the end of its stdout or of the child; `look` is called all the while."""
        assert self._process.stdout is not None

        def gone() -> bool:
            look()
            return self.gone()

        return incoming(self._process.stdout.fileno(), gone)

    def gone(self) -> bool:
        """Whether the child has exited; one whose grace is over is killed."""
        if self._process.poll() is None:
            if self._deadline is not None and time.monotonic() > self._deadline:
                self._signal(signal.SIGKILL)
            return False
        with self._lock:
            if not self._swept:
                self._swept = True
                self._signal(signal.SIGKILL)
        return True

    def end(self) -> None:
        """End the whole group: SIGTERM now, SIGKILL when the grace is over; it does not wait."""
        with self._lock:
            if self._deadline is not None or self._process.poll() is not None:
                return
            self._deadline = time.monotonic() + GRACE_SECONDS
            self._signal(signal.SIGTERM)

    def wait(self) -> int:
        """The exit status; a child that does not exit by itself within EXIT_SECONDS is ended."""
        patience = time.monotonic() + EXIT_SECONDS
        while not self.gone():
            if time.monotonic() > patience:
                self.end()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SLICE_SECONDS)
        return int(self._process.returncode)

    def close(self) -> None:
        """Close every pipe; the child must be gone."""
        self._outbox.close()
        self._drainer.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()

    @property
    def errors(self) -> str:
        """The end of what the child wrote to stderr, at most 64 KiB."""
        return b"".join(self._stderr)[-STDERR_KEPT:].decode("utf-8", "replace")

    def _drain(self) -> None:
        assert self._process.stderr is not None
        kept = 0
        for chunk in incoming(self._process.stderr.fileno(), self.gone):
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
    declared = {name: _filled(value, filled) for name, value in _declared(environment).items()}
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
    return Child(process, tuple(declared.values()))


def _declared(environment: dict[str, str]) -> dict[str, str]:
    """The declared variables; those that are the host's own have its present value, where it has one."""
    own = {name: os.environ.get(name, "") for name, value in environment.items() if value == FROM_HOST}
    return {name: own.get(name, value) for name, value in environment.items() if own.get(name) != ""}


def _filled(text: str, filled: dict[str, str]) -> str:
    """The text with its placeholders replaced, once: what is put in is not looked at again."""
    names = re.compile("|".join(map(re.escape, filled)))
    return names.sub(lambda found: filled[found.group()], text)
