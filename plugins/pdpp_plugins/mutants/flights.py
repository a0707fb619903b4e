"""Hosts whose readers of the full list share too much, or nothing: CS-02."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from threading import local
from typing import Any

from pdpp_host.arguments import SummaryQuery
from pdpp_host.domain.evidence import EvidenceRow
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks, legal
from pdpp_plugins.mutants.snapshots import Behind, spoilt


class _Open:
    """Whoever comes while a look is under way is served from it."""

    def __init__(self) -> None:
        self._looks: dict[Hashable, asyncio.Future[Any]] = {}

    async def share(self, key: Hashable, look: Callable[[], Any]) -> Any:
        """What the look gives that is under way."""
        if key not in self._looks:
            self._looks[key] = asyncio.ensure_future(asyncio.to_thread(look))
            self._looks[key].add_done_callback(lambda _: self._looks.pop(key))
        return await asyncio.shield(self._looks[key])


class _Each:
    """Everybody looks for themselves."""

    async def share(self, key: Hashable, look: Callable[[], Any]) -> Any:
        """What this look gives."""
        return await asyncio.to_thread(look)


class _Kept:
    """What a look gave serves everybody for a second."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[float, Any]] = {}

    async def share(self, key: Hashable, look: Callable[[], Any]) -> Any:
        """What was kept, where it is young."""
        at, kept = self._kept.get(key, (0.0, None))
        if time.monotonic() - at > 1:
            at, kept = time.monotonic(), await asyncio.to_thread(look)
            self._kept[key] = at, kept
        return kept


class _KeptErrors:
    """A look that failed stays the one under way, as only one that succeeds is taken away."""

    def __init__(self) -> None:
        self._looks: dict[Hashable, asyncio.Future[Any]] = {}

    async def share(self, key: Hashable, look: Callable[[], Any]) -> Any:
        """What the look gives that is under way, or was and failed."""
        if key not in self._looks:
            self._looks[key] = asyncio.ensure_future(asyncio.to_thread(look))
        found = await asyncio.shield(self._looks[key])
        self._looks.pop(key, None)
        return found


class _Swallowed(_Each):
    """A look that failed gives what the one before it gave."""

    def __init__(self) -> None:
        self._last: Any = None

    async def share(self, key: Hashable, look: Callable[[], Any]) -> Any:
        """What this look gives, or the last that went well."""
        with suppress(Exception):
            self._last = await asyncio.to_thread(look)
        return self._last


@breaks("CS-02.1/T1", "the new name for reader 1")
def joins_an_open_look(services: Services) -> Services:
    """A reader is served from a look whose snapshot was open before it came."""
    return dataclasses.replace(services, flights=_Open)


@breaks("CS-02.1/T1", "the new name for reader 1")
def keeps_a_look_for_a_second(services: Services) -> Services:
    """What one look gave is served to everybody for a second, whatever is written meanwhile."""
    return dataclasses.replace(services, flights=_Kept)


@breaks("CS-02.1/T1", "a page asked for together with the list")
@breaks("CS-02.1/T2", "the scoped of one connection while the list is held")
def forgets_the_query(services: Services) -> Services:
    """The key of a shared look leaves the query out: a page, or one connection, is answered by the list."""

    def flight_of(path: str, query: Mapping[str, str]) -> Hashable | None:
        return path

    return dataclasses.replace(services, flight_of=flight_of)


@breaks("CS-02.1/T2", "the detail of one connection while the list is held")
def waits_for_the_list(services: Services) -> Services:
    """A read of one connection takes its row from the look at all of them that is under way."""
    under_way: list[Future[list[EvidenceRow]]] = []
    mine = local()

    class Shared(Behind):
        def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
            """The row from the list, where somebody is reading that."""
            wrote, mine.wrote = getattr(mine, "wrote", False), False
            if query.connection_id is not None and under_way and not wrote:
                every = under_way[-1].result()
                return [row for row in every if row.connection_id == query.connection_id]
            look: Future[list[EvidenceRow]] = Future()
            under_way.append(look)
            try:
                look.set_result(self.real.summary_rows(query))
            finally:
                under_way.remove(look)
            return look.result()

    class Writing(Behind):
        def commit(self) -> None:
            """Whoever writes reads what it wrote."""
            self.real.commit()
            mine.wrote = True

    return spoilt(services, Shared, Writing)


@breaks("CS-02.1/T2", "in the detail what is there now")
def takes_the_last_list(services: Services) -> Services:
    """A read of one connection takes its row from the last list that was read."""
    last: dict[str, EvidenceRow] = {}

    class Remembered(Behind):
        def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
            """What the list had, for one connection."""
            if query.connection_id in last:
                return [last[query.connection_id]]
            found: list[EvidenceRow] = self.real.summary_rows(query)
            last.update({row.connection_id: row for row in found if not row.maintenance.dirty})
            return found

    return spoilt(services, Remembered)


@breaks("CS-02/shared/T1", "readers who looked")
def asks_for_each_reader(services: Services) -> Services:
    """Each reader of the list asks the database, however many do at once."""
    return dataclasses.replace(services, flights=_Each)


@breaks("CS-02/shared/T1", "readers who looked")
def keys_by_caller(services: Services) -> Services:
    """The key of a shared look names its caller, so that no two are equal."""

    def flight_of(path: str, query: Mapping[str, str]) -> Hashable | None:
        return None if services.flight_of(path, query) is None else object()

    return dataclasses.replace(services, flight_of=flight_of)


@breaks("CS-02/failed-look/T1", "the list for whoever comes later")
def keeps_errors(services: Services) -> Services:
    """A look that failed stays in its place, and everybody who comes later gets its error."""
    return dataclasses.replace(services, flights=_KeptErrors)


@breaks("CS-02/failed-look/T1", "an error for the reader whose look failed")
def swallows_errors(services: Services) -> Services:
    """A look that failed is answered with what was seen before."""
    return dataclasses.replace(services, flights=_Swallowed)


@legal("CS-02.1", "CS-02/failed-look", leaves=("CS-02.1/T1",))
def shares_nothing(services: Services) -> Services:
    """Every reader of the list has a look of its own."""
    return dataclasses.replace(services, flights=_Each)
