"""A plugin whose host dies while it keeps a fold, as soon as the file that `DIES_WHEN` names is there.

The file says how far it gets: `before` the fold is written, `within` the transaction, `after` its commit.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pdpp_host.hookspecs import hookimpl
from pdpp_host.services import Services


class _Unit:
    def __init__(self, unit: Any) -> None:
        self._unit = unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    def keep_fold(self, *fold: Any) -> bool:
        _die("before")
        kept: bool = self._unit.keep_fold(*fold)
        _die("within")
        return kept

    def commit(self) -> None:
        self._unit.commit()
        _die("after")


class _Storage:
    def __init__(self, storage: Any) -> None:
        self._storage = storage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    @contextmanager
    def try_write(self) -> Iterator[Any]:
        with self._storage.try_write() as unit:
            yield None if unit is None else _Unit(unit)


@hookimpl
def adapt_services(services: Services) -> Services:
    return replace(services, storage=_Storage(services.storage))  # type: ignore[arg-type]


def _die(moment: str) -> None:
    when = Path(os.environ["DIES_WHEN"])
    if when.exists() and when.read_text() == moment:
        os.kill(os.getpid(), signal.SIGKILL)
