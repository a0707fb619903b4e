"""A failpoint at every line of the host, and beside every commit: the process kills itself there."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pdpp_host
from pdpp_host.hookspecs import hookimpl
from pdpp_host.services import Services
from pdpp_plugins import storage

from .histories import Moment

_OWN = frozenset(
    str(file) for package in (pdpp_host, storage) for file in Path(package.__path__[0]).rglob("*.py")
)
Tell = Callable[..., None]


class Fuse:
    """Counts lines and commits from the step on in which the process is to die."""

    def __init__(self, moment: Moment | None) -> None:
        self._moment = moment
        self._last = moment.number if moment is not None and moment.at == "line" else 0
        self._lit = False
        self._lines, self._commits = count(1), count(1)

    def step(self, number: int) -> int:
        """A step begins; how many lines the one before it took."""
        took = next(self._lines) - 1
        if not self._lit:
            self._lines = count(1)
        self._lit = self._lit or (self._moment is not None and self._moment.step == number)
        return took

    def light(self) -> None:
        """From now on each line counts, whichever thread comes to it."""
        threading.settrace(self._called)
        sys.settrace(self._called)

    def commit(self) -> int:
        """The number of the commit that comes now."""
        return next(self._commits) if self._lit else 0

    def burn(self, at: str, number: int) -> None:
        """Die, if this is the moment."""
        due = self._moment
        if self._lit and due is not None and (due.at, due.number) == (at, number):
            os.kill(os.getpid(), signal.SIGKILL)

    def _called(self, frame: FrameType, event: str, arg: object) -> Any:
        return self._passed if frame.f_code.co_filename in _OWN else None

    def _passed(self, frame: FrameType, event: str, arg: object) -> Any:
        if event == "line" and next(self._lines) == self._last:
            self.burn("line", self._last)
        return self._passed


class Dying:
    """A plugin that has a host's storage tell what it has committed, and die beside a commit."""

    def __init__(self) -> None:
        self.fuse = Fuse(None)
        self.tell: Tell = print

    @hookimpl
    def adapt_services(self, services: Services) -> Services:
        return replace(services, storage=_Storage(services.storage, self))  # type: ignore[arg-type]


class _Storage:
    def __init__(self, storage: Any, dying: Dying) -> None:
        self._storage, self._dying = storage, dying

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    @contextmanager
    def write(self) -> Iterator[Any]:
        with self._storage.write() as unit:
            yield _Unit(unit, self._dying)

    @contextmanager
    def try_write(self) -> Iterator[Any]:
        with self._storage.try_write() as unit:
            yield None if unit is None else _Unit(unit, self._dying)


class _Unit:
    def __init__(self, unit: Any, dying: Dying) -> None:
        self._unit, self._dying = unit, dying
        self._batches: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    def write_records(self, batch: Any) -> Any:
        if not batch.outright:
            self._batches.add(batch.batch_id)
        return self._unit.write_records(batch)

    def commit(self) -> None:
        number = self._dying.fuse.commit()
        self._dying.fuse.burn("before commit", number)
        self._unit.commit()
        self._dying.fuse.burn("after commit", number)
        for batch_id in self._batches:
            self._dying.tell("wrote", batch_id)
