"""Hosts that keep by connector what is a connection's: CI-03."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from pdpp_host.arguments import RunsQuery
from pdpp_host.domain.entities import Path, Run
from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.messages import StreamScope
from pdpp_host.domain.requests import RequestRefused, RunRequest
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil


class _Siblings(Behind):
    def siblings(self, connection_id: str) -> list[str]:
        """The connections of its connector, itself included."""
        every = self.real.connections()
        mine = next(each.connector_key for each in every if each.connection_id == connection_id)
        return [each.connection_id for each in every if each.connector_key == mine]


class _SharedCursors(_Siblings):
    def put_stream_state(
        self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
    ) -> None:
        for each in self.siblings(connection_id):
            self.real.put_stream_state(each, path, cursors, run_id, at)


@breaks("CI-03/apart/T1", "{'messages': {'mark': 'one'}} in START.state of run 'three'; seen {'messages'")
def keeps_cursors_by_connector(services: Services) -> Services:
    """A cursor is kept by connector and stream, and each connection moves the others on."""
    return spoil(services, _SharedCursors)


@breaks("CI-03/apart/T1", "in START.state of run 'three'; seen None")
def keeps_the_last_connections_cursors(services: Services) -> Services:
    """Cursors are remembered for a connector, and forgotten when another connection of it has run."""
    last: dict[str, str] = {}

    class Forgetful(_Siblings):
        def put_stream_state(
            self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
        ) -> None:
            self.real.put_stream_state(connection_id, path, cursors, run_id, at)
            last[self.siblings(connection_id)[0]] = connection_id

        def stream_state(self, connection_id: str, path: int) -> dict[str, Any]:
            if last.get(self.siblings(connection_id)[0]) != connection_id:
                return {}
            found: dict[str, Any] = self.real.stream_state(connection_id, path)
            return found

    return spoil(services, Forgetful)


class _SharedSchedule(_Siblings):
    def put_schedule(self, connection_id: str, interval_seconds: int | None) -> None:
        for each in self.siblings(connection_id):
            self.real.put_schedule(each, interval_seconds)


@breaks("CI-03/apart/T3", "no schedule of 'second'")
def keeps_schedules_by_connector(services: Services) -> Services:
    """How often a connection should run is said for all connections of its connector."""
    return spoil(services, _SharedSchedule)


class _SharedLease(_Siblings):
    def take_lease(self, connection_id: str, run_id: str, holder: str, at: datetime) -> bool:
        siblings = self.siblings(connection_id)
        if any(each.connection_id in siblings for each in self.real.leases()):
            return False
        return bool(self.real.take_lease(connection_id, run_id, holder, at))


@breaks("CI-03/apart/T3", "run_already_active")
def lets_a_connector_run_once(services: Services) -> Services:
    """While one connection collects, no other one of its connector may."""
    return spoil(services, _SharedLease)


class _SharedHistory(_Siblings):
    def runs_of(self, query: RunsQuery) -> list[tuple[int, Run]]:
        found = [
            row
            for each in self.siblings(query.connection_id)
            for row in self.real.runs_of(msgspec.structs.replace(query, connection_id=each))
        ]
        return sorted(found, key=lambda row: row[0], reverse=True)[: query.limit]


@breaks("CI-03/apart/T3", "in the diagnostics of 'second'")
def shows_runs_by_connector(services: Services) -> Services:
    """Diagnostics show the runs of all connections of a connector."""
    every = dataclasses.replace(services, matches_run=lambda run, connection_id, keys: True)
    return spoil(every, _SharedHistory)


class _OneBinding(_Siblings):
    def paths(self, connection_id: str) -> list[Path]:
        found: list[Path] = self.real.paths(connection_id)
        first = self.real.paths(self.siblings(connection_id)[0])
        return [msgspec.structs.replace(each, source=first[0].source) for each in found]


@breaks("CI-03.4/T2", "of 'second' in the list; seen a (note ca978112ca1b) 1 times, b (note")
def finds_sources_by_connector(services: Services) -> Services:
    """Where a connector finds its source is remembered once for the connector."""
    return spoil(services, _OneBinding)


@breaks("CI-03.1/T1", "unknown_stream")
def gives_a_stream_to_one_connector(services: Services) -> Services:
    """A stream's name is the connector's that used it first."""
    owners: dict[str, str] = {}

    def start_streams(manifest: Manifest, request: RunRequest, since: str | None) -> tuple[StreamScope, ...]:
        scopes = services.start_streams(manifest, request, since)
        for scope in scopes:
            if owners.setdefault(scope.name, manifest.connector_key) != manifest.connector_key:
                message = f"the stream {scope.name!r} is another connector's"
                raise RequestRefused("unknown_stream", message)
        return scopes

    return dataclasses.replace(services, start_streams=start_streams)


@breaks("CI-03.1/T1", "unknown_stream")
def gives_a_stream_to_the_last_connector(services: Services) -> Services:
    """A stream's definition is kept by its name, and whichever connector is registered last has it."""

    def start_streams(manifest: Manifest, request: RunRequest, since: str | None) -> tuple[StreamScope, ...]:
        with services.storage.read() as view:
            owners = {stream.name: each.key for each in view.connectors() for stream in each.manifest.streams}
        scopes = services.start_streams(manifest, request, since)
        for scope in scopes:
            if owners[scope.name] != manifest.connector_key:
                message = f"the stream {scope.name!r} is another connector's"
                raise RequestRefused("unknown_stream", message)
        return scopes

    return dataclasses.replace(services, start_streams=start_streams)


class _OneOfAStream(Behind):
    def streams(self, connections: Sequence[str]) -> list[tuple[str, str, int]]:
        found: list[tuple[str, str, int]] = self.real.streams(connections)
        every = self.real.streams([each.connection_id for each in self.real.connections()])
        first = {stream: connection for stream, connection, _ in reversed(every)}
        return [row for row in found if first[row[0]] == row[1]]


@breaks("CI-03.1/T2", "in the count")
def lists_streams_by_name(services: Services) -> Services:
    """Of the streams that have one name the first is listed, whichever connection is asked for."""
    return spoil(services, _OneOfAStream)
