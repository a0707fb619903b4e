"""What a wrong host makes of its storage: snapshots that answer otherwise, transactions that forget."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import msgspec

from pdpp_host.arguments import RunsQuery
from pdpp_host.domain.entities import Run
from pdpp_host.ports import Storage, Unit, View
from pdpp_host.services import Services


class Behind:
    """Everything as what stands behind has it, but for what a subclass answers itself."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class Spoilt(Behind):
    """A storage whose snapshots and transactions are what two functions make of the real ones."""

    def __init__(
        self, real: Storage, view: Callable[[View], Any] | None, unit: Callable[[Unit], Any] | None
    ) -> None:
        super().__init__(real)
        self._view, self._unit = view or _same, unit or _same

    @contextmanager
    def read(self) -> Iterator[Any]:
        """A snapshot."""
        with self.real.read() as view:
            yield self._view(view)

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A transaction."""
        with self.real.write() as unit:
            yield self._unit(unit)


def spoilt(
    services: Services,
    view: Callable[[View], Any] | None = None,
    unit: Callable[[Unit], Any] | None = None,
) -> Services:
    """The services with such a storage; `view` and `unit` are given the real ones."""
    return dataclasses.replace(services, storage=cast(Storage, Spoilt(services.storage, view, unit)))


def spoil(services: Services, spoiled: type[Behind]) -> Services:
    """The services with a storage whose snapshots and transactions are both of this kind."""
    return spoilt(services, spoiled, spoiled)


def runs_of(view: Behind, query: RunsQuery, **otherwise: Any) -> list[tuple[int, Run]]:
    """What the real snapshot answers to a query for runs that is otherwise put."""
    found: list[tuple[int, Run]] = view.real.runs_of(msgspec.structs.replace(query, **otherwise))
    return found


def _same(real: Any) -> Any:
    return real
