"""Reading and writing a child's pipes without ever waiting for anyone but the child.

A process that the child left behind may hold its pipes open, in a group of its own even, so the end of
a pipe is no sign that the child is gone, nor its staying open that it is not.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
from collections.abc import Callable, Iterator

CHUNK = 256 * 1024
SLICE_MS = 50


def incoming(descriptor: int, gone: Callable[[], bool]) -> Iterator[bytes]:
    """What arrives on a pipe, until it ends or, once `gone()`, until what it holds then is read."""
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    while not gone():
        if poller.poll(SLICE_MS):
            chunk = os.read(descriptor, CHUNK)
            if not chunk:
                return
            yield chunk
    left = held(descriptor)
    while left:
        chunk = os.read(descriptor, min(left, CHUNK))
        left -= len(chunk)
        yield chunk


def outgoing(
    descriptor: int,
    line: bytes,
    gone: Callable[[], bool],
    write: Callable[[int, memoryview], int] = os.write,
) -> bool:
    """Write all of `line` to a pipe whose other end may never read; False when it could not be."""
    os.set_blocking(descriptor, False)
    poller = select.poll()
    poller.register(descriptor, select.POLLOUT)
    rest = memoryview(line)
    while rest and not gone():
        if poller.poll(SLICE_MS):
            try:
                rest = rest[write(descriptor, rest) :]
            except BlockingIOError:
                continue
            except OSError:
                return False
    return not rest


def held(descriptor: int) -> int:
    """How many bytes lie in a pipe; either end may be asked on Linux. OSError where it cannot be."""
    answer = fcntl.ioctl(descriptor, termios.FIONREAD, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])
