"""Lines on their way to a child, and how many of them it has read."""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread

from pdpp_host.runtime.pipes import held, outgoing


class Outbox:
    """What a child is sent, written by a thread of its own: one that never reads blocks nobody.

    What was written and what still lies in the pipe are asked under one lock, so that nothing counts as
    unread that the child has read.
    """

    def __init__(self, descriptor: int, gone: Callable[[], bool]) -> None:
        self._descriptor = descriptor
        self._gone = gone
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._lock = Lock()
        self._put = self._written = 0
        self._thread = Thread(target=self._feed, name="connector-stdin", daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> int:
        """Send one line; the number by which `has_read` knows it."""
        self._put += len(line) + 1
        self._queue.put(line + b"\n")
        return self._put - 1

    def has_read(self, mark: int) -> bool:
        """Whether the child has read a line to its end, the LF aside.

        Where the system does not tell what lies in a pipe, what was written counts as read.
        """
        with self._lock:
            try:
                unread = held(self._descriptor)
            except OSError:
                unread = 0
            return self._written - unread >= mark

    def close(self) -> None:
        """Wait for the thread to be done; the child must be gone. The pipe stays open."""
        self._queue.put(None)
        self._thread.join()

    def _feed(self) -> None:
        while (line := self._queue.get()) is not None:
            if not outgoing(self._descriptor, line, self._gone, self._write):
                return

    def _write(self, descriptor: int, rest: memoryview) -> int:
        with self._lock:
            written = os.write(descriptor, rest)
            self._written += written
            return written
