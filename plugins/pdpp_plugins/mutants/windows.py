"""Hosts whose refresh of a window ends elsewhere than the window does: CI-02."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import msgspec

from pdpp_host.arguments import UnseenQuery
from pdpp_host.domain.entities import UnseenRecord
from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import StreamManifest
from pdpp_host.domain.messages import TimeRange
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil

Within = Callable[[Any, TimeRange], bool]


def _windowed(services: Services, within: Within) -> Services:
    """The services with another idea of what lies within a window."""

    def reconciles(
        record: UnseenRecord, manifest: StreamManifest, window: TimeRange | None, own: int, reach: int
    ) -> bool:
        mine = services.reconciles(record, manifest, None, own, reach)
        return mine and (window is None or within(record.data.get("at"), window))

    return dataclasses.replace(services, reconciles=reconciles)


@breaks("CI-02/window-edges/T1", "in the list; seen b (note 3e23e8160039) 1 times, f (note")
def removes_what_lies_on_the_end(services: Services) -> Services:
    """A window's end lies within it."""

    def within(at: Any, window: TimeRange) -> bool:
        when = instant(at)
        since, until = instant(window.since), instant(window.until)
        return when is not None and since is not None and until is not None and since <= when <= until

    return _windowed(services, within)


@breaks("CI-02/window-edges/T1", "in the list; seen d (note 18ac3e7343f0) 1 times, e (note")
def compares_times_as_text(services: Services) -> Services:
    """Times are compared as they are written, so that an offset counts for nothing."""
    return _windowed(
        services, lambda at, window: at is not None and str(window.since) <= at < str(window.until)
    )


@breaks("CI-02/window-edges/T1", "perhaps e of 'first' in the list; seen g (note")
def compares_days(services: Services) -> Services:
    """A window's edges are days, the last of them within it, and no time is every day."""

    def within(at: Any, window: TimeRange) -> bool:
        return at is None or str(window.since)[:10] <= at[:10] <= str(window.until)[:10]

    return _windowed(services, within)


@breaks("CI-02/window-edges/T1", "d (note 18ac3e7343f0) 1 times, g (note")
def puts_the_timeless_in_every_window(services: Services) -> Services:
    """A record without a time lies within every window."""

    def within(at: Any, window: TimeRange) -> bool:
        when = instant(at)
        since, until = instant(window.since), instant(window.until)
        return when is None or (since is not None and until is not None and since <= when < until)

    return _windowed(services, within)


@breaks("CI-02/window-edges/T1", "in the list; seen g (note")
def refreshes_without_its_window(services: Services) -> Services:
    """A refresh that was asked for a window removes all that it did not see."""
    return _windowed(services, lambda at, window: True)


class _TimedByEmission(Behind):
    def unseen(self, query: UnseenQuery) -> list[UnseenRecord]:
        found: list[UnseenRecord] = self.real.unseen(query)
        return [self._timed(query, each) for each in found]

    def _timed(self, query: UnseenQuery, record: UnseenRecord) -> UnseenRecord:
        stored = self.real.record(query.stream, record.record_id, [query.connection_id])
        return msgspec.structs.replace(record, data={"at": stored.emitted_at} | record.data)


@breaks("CI-02/window-edges/T1", "d (note 18ac3e7343f0) 1 times, g (note")
def takes_the_time_of_emission(services: Services) -> Services:
    """A record without a time is put where it was emitted."""
    return spoil(services, _TimedByEmission)
