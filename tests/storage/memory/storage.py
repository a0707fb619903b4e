"""The storage itself, and who may write to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .state import DATABASES, Database
from .unit import Unit
from .view import View


class MemoryStorage:
    """A storage that forgets with the process."""

    name = "memory"
    version = "1"
    unit: type[Unit] = Unit
    view: type[View] = View

    def __init__(self, url: str) -> None:
        self.database = DATABASES.setdefault(url, Database())

    @contextmanager
    def read(self) -> Iterator[View]:
        yield self.view(self.database.state)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        with self.database.writing:
            yield self.unit(self.database)

    @contextmanager
    def try_write(self) -> Iterator[Unit | None]:
        if not self.database.writing.acquire(blocking=False):
            yield None
            return
        try:
            yield self.unit(self.database)
        finally:
            self.database.writing.release()

    def close(self) -> None:
        pass
