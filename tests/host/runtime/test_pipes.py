"""Reading and writing pipes whose other end misbehaves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest

from pdpp_host.runtime.pipes import incoming, outgoing

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


def test_reading_ends_with_the_pipe(pipe: Pipe) -> None:
    """What was written arrives, and the end of the pipe ends it."""
    os.write(pipe[1], b"abc")
    os.close(pipe[1])
    assert b"".join(incoming(pipe[0], lambda: False)) == b"abc"


def test_reading_ends_with_the_child(pipe: Pipe) -> None:
    """When the child is gone and another holds the pipe open, what lies in it is read and no more."""
    os.write(pipe[1], b"abc")
    seen = []
    for chunk in incoming(pipe[0], lambda: True):
        seen.append(chunk)
        os.write(pipe[1], b"from a process that stayed")
    assert seen == [b"abc"]


def test_reading_an_empty_pipe_of_a_child_that_is_gone(pipe: Pipe) -> None:
    """Nothing in the pipe and nobody there: nothing is waited for."""
    assert list(incoming(pipe[0], lambda: True)) == []


def test_writing_more_than_a_pipe_holds(pipe: Pipe) -> None:
    """A writer whose child never reads gives up when the child is gone."""
    answers = iter([False, False, True])
    assert not outgoing(pipe[1], b"x" * 1_000_000, lambda: next(answers))


def test_writing_to_a_closed_pipe(pipe: Pipe) -> None:
    """A child that closed its stdin is no fault of the host's."""
    os.close(pipe[0])
    assert not outgoing(pipe[1], b"x", lambda: False)


def test_writing_all(pipe: Pipe) -> None:
    """What fits is written whole."""
    assert outgoing(pipe[1], b"x" * 100, lambda: False)
    assert os.read(pipe[0], 1000) == b"x" * 100
