"""Storages that keep or tell something else than they were asked to: a host's bugs in what lies below it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from pdpp_host.ports import Storage
from pdpp_host.services import Services


class Spoiled:
    """A snapshot or transaction that answers as the real one does; a mutant overrides what it gets wrong."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class _Storage:
    def __init__(self, storage: Any, spoiled: type[Spoiled]) -> None:
        self._storage, self._spoiled = storage, spoiled

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    @contextmanager
    def read(self) -> Iterator[Any]:
        with self._storage.read() as view:
            yield self._spoiled(view)

    @contextmanager
    def write(self) -> Iterator[Any]:
        with self._storage.write() as unit:
            yield self._spoiled(unit)


def spoil(services: Services, spoiled: type[Spoiled]) -> Services:
    """The services, with a storage whose snapshots and transactions are `spoiled`."""
    return dataclasses.replace(services, storage=cast(Storage, _Storage(services.storage, spoiled)))
