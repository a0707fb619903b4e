"""Reads that share one look at the database (CS-02)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Protocol


class Sharing(Protocol):
    """How equal reads share a look at the database."""

    async def share(self, key: Hashable, look: Callable[[], Any]) -> Any:
        """What `look` gives, or gave to others who wait for it under an equal key."""


def flight_of(path: str, query: Mapping[str, str]) -> Hashable | None:
    """Under which key calls of a shared read are equal; None for one that takes a look of its own."""
    return None if "connection" in query else (path, *sorted(query.items()))


class Flights:
    """Equal reads in flight. A reader joins only a flight that has not taken off yet.

    So nobody is served from a snapshot that was opened before they came, and whoever comes while one flies
    shares the next. What goes wrong reaches all who shared and is not kept; one reader's going away harms no
    other.
    """

    def __init__(self) -> None:
        self._boarding: dict[Hashable, asyncio.Task[Any]] = {}
        self._flying: dict[Hashable, asyncio.Task[Any]] = {}

    async def share(self, key: Hashable, look: Callable[[], Any]) -> Any:
        """What `look` gives, called once for all who wait for it under an equal key."""
        flight = self._boarding.get(key)
        if flight is None:
            flight = asyncio.ensure_future(self._fly(key, look))
            flight.add_done_callback(_heard)
            self._boarding[key] = flight
        return await asyncio.shield(flight)

    async def _fly(self, key: Hashable, look: Callable[[], Any]) -> Any:
        while (before := self._flying.get(key)) is not None:
            await asyncio.wait([before])
        # Imported here for the sake of commands that serve nobody.
        from starlette.concurrency import run_in_threadpool

        # From here on the snapshot may be opened at any moment.
        flight = self._boarding.pop(key)
        self._flying[key] = flight
        try:
            return await run_in_threadpool(look)
        finally:
            del self._flying[key]


def _heard(flight: asyncio.Task[Any]) -> None:
    """An error that every reader has left alone is no mistake of the event loop's."""
    if not flight.cancelled():
        flight.exception()
