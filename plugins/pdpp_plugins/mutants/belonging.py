"""Hosts that take a run for that of another connection: CS-01."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from pdpp_host.arguments import RunsQuery
from pdpp_host.domain.entities import Run
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, runs_of, spoilt


@breaks("CS-01.1/T1", "as last_run of 'left'")
def takes_keys_for_ids(services: Services) -> Services:
    """A run's profile key is compared with the id of the connection."""

    def matches(run: Run, connection_id: str, keys: Collection[str]) -> bool:
        return connection_id in (run.profile_key, run.connection_id)

    return dataclasses.replace(services, matches_run=matches)


@breaks("CS-01.1/T1", "as last_run of 'left'")
def asks_runs_by_name_only(services: Services) -> Services:
    """The runs of a connection are looked up by its id alone, so that those with a key only are not found."""

    class ByName(Behind):
        def runs_of(self, query: RunsQuery) -> list[tuple[int, Run]]:
            """Without the profile keys."""
            return runs_of(self, query, profile_keys=())

    return spoilt(services, ByName)


@breaks("CS-01.1/T2", "as last_successful_run of 'left'")
def success_by_name_only(services: Services) -> Services:
    """The last success is looked up by the connection's id alone, the last run by its key as well."""

    class ByName(Behind):
        def runs_of(self, query: RunsQuery) -> list[tuple[int, Run]]:
            """Successes without the profile keys."""
            return runs_of(self, query, profile_keys=() if query.succeeded else query.profile_keys)

    return spoilt(services, ByName)


@breaks("CS-01.1/T2", "as last_successful_run of 'left'")
def success_of_any_sibling(services: Services) -> Services:
    """The last success is looked up for the connector: that of a sibling shows as everybody's."""

    class OfSiblings(Behind):
        def runs_of(self, query: RunsQuery) -> list[tuple[int, Run]]:
            """Successes of every connection."""
            if not query.succeeded:
                return runs_of(self, query)
            every = [each.connection_id for each in self.real.connections()]
            keys = tuple(key for each in every for key in self.real.profile_keys(each))
            return runs_of(self, query, profile_keys=keys)

    def matches(run: Run, connection_id: str, keys: Collection[str]) -> bool:
        return run.status == "completed" or services.matches_run(run, connection_id, keys)

    return dataclasses.replace(spoilt(services, OfSiblings), matches_run=matches)


@breaks("CS-01/nobodys/T1", "as last_run of 'named'")
def wants_a_key(services: Services) -> Services:
    """A run without a profile key is nobody's, whatever connection it names."""

    def matches(run: Run, connection_id: str, keys: Collection[str]) -> bool:
        return run.profile_key in keys and services.matches_run(run, connection_id, keys)

    return dataclasses.replace(services, matches_run=matches)


@breaks("CS-01/nobodys/T2", "as last_run of 'third'")
def absent_keys_are_equal(services: Services) -> Services:
    """A run without a key matches every connection without one, as None equals None."""

    class WithNameless(Behind):
        def runs_of(self, query: RunsQuery) -> list[tuple[int, Run]]:
            """Those that name nobody as well."""
            found = dict(runs_of(self, query)) | dict(runs_of(self, query, connection_id=""))
            return sorted(found.items(), reverse=True)

    def matches(run: Run, connection_id: str, keys: Collection[str]) -> bool:
        return run.profile_key in (keys or (None,)) and run.connection_id in ("", connection_id)

    return dataclasses.replace(spoilt(services, WithNameless), matches_run=matches)


@breaks("CS-01/nobodys/T2", "as last_run of 'third'")
def name_beats_key(services: Services) -> Services:
    """A run that names one connection and carries the key of another is the first one's."""

    def matches(run: Run, connection_id: str, keys: Collection[str]) -> bool:
        return run.connection_id == connection_id or services.matches_run(run, connection_id, keys)

    return dataclasses.replace(services, matches_run=matches)


@breaks("CS-01/nobodys/T2", "as last_run of 'keyed'")
def key_beats_name(services: Services) -> Services:
    """A run that names one connection and carries the key of another is the other one's."""

    def matches(run: Run, connection_id: str, keys: Collection[str]) -> bool:
        return run.profile_key in keys or services.matches_run(run, connection_id, keys)

    return dataclasses.replace(services, matches_run=matches)
