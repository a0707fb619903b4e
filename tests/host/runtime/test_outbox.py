"""Whether a child has read what it was sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pdpp_host.runtime import outbox
from pdpp_host.runtime.outbox import Outbox

from .test_launch import until


@contextmanager
def sending() -> Iterator[tuple[Outbox, int]]:
    """An outbox, and the end of the pipe from which a child would read."""
    reading, writing = os.pipe()
    box = Outbox(writing, lambda: False)
    try:
        yield box, reading
    finally:
        box.close()
        os.close(reading)
        os.close(writing)


def test_a_line_is_read_when_all_of_it_is() -> None:
    """Neither a line that waits nor one that is half read counts; its LF need not be read."""
    with sending() as (box, reading):
        mark = box.put(b"12345")
        assert not box.has_read(mark)
        os.read(reading, 4)
        assert not box.has_read(mark)
        os.read(reading, 1)
        assert box.has_read(mark)


def test_each_line_is_known_by_its_own_number() -> None:
    """A line that has been read stays read when another is sent after it."""
    with sending() as (box, reading):
        first, second = box.put(b"12345"), box.put(b"6")
        until(lambda: len(os.read(reading, 1)) == 1 and box.has_read(first))
        assert not box.has_read(second)
        assert os.read(reading, 100) in (b"\n6\n", b"\n")
        assert box.has_read(first)


def test_nothing_was_sent() -> None:
    """What was never sent is not missed."""
    with sending() as (box, _):
        assert box.has_read(0)


def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a pipe cannot be asked, a line counts as read once it is written: no connector is blamed."""

    def untold(_: int) -> int:
        raise OSError

    with sending() as (box, _):
        mark = box.put(b"12345")
        monkeypatch.setattr(outbox, "held", untold)
        until(lambda: box.has_read(mark))
