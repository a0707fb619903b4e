"""Hosts that do what they may do otherwise where connections have several paths: CI-01 to CI-03."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import timedelta

from pdpp_host.domain.entities import Connection, Path, UnseenRecord
from pdpp_host.domain.grants import Face, Grant
from pdpp_host.domain.identity import Place, Proof
from pdpp_host.domain.instants import moment
from pdpp_host.domain.manifest import StreamManifest
from pdpp_host.domain.messages import TimeRange
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import legal


@legal("CI-01.1", "CI-03.2", leaves=("CI-01.1/T1",))
def refuses_second_paths(services: Services) -> Services:
    """Every way of collecting has to have a connection of its own, and an owner is told so."""

    def refused(found: Sequence[tuple[Path, Proof]]) -> Place:
        return "refuse"

    return dataclasses.replace(services, place=refused)


@legal("CI-01.1", "CI-03.2", leaves=("CI-01.1/T1",))
def gives_each_path_a_connection(services: Services) -> Services:
    """Every way of collecting gets a connection of its own at once."""

    def alone(found: Sequence[tuple[Path, Proof]]) -> Place:
        return "apart"

    return dataclasses.replace(services, place=alone)


@legal("CI-01.1", "CI-01.2", "CI-03.2", "CI-01/either-order", takes=("CI-01.1/T1",))
def makes_a_connection_instead_of_refusing(services: Services) -> Services:
    """A path that nothing proves gets a connection of its own where others would demand one."""

    def kindly(found: Sequence[tuple[Path, Proof]]) -> Place:
        return "join" if found else "apart"

    return dataclasses.replace(services, place=kindly)


@legal("CI-03.3", "CI-03/from-the-beginning", leaves=("CI-03.3/T1", "CI-03/R3"))
def never_links(services: Services) -> Services:
    """Connections go on apart although a rule proves later that they are one source."""
    return dataclasses.replace(services, proofs=lambda rules, a, b: ())


@legal("CI-03.1", "CI-03.2", "CI-03.4", "CI-03/apart", leaves=("CI-03/R4b",))
def shares_no_definitions(services: Services) -> Services:
    """No two connectors are ever said to have a stream definition in common."""
    return dataclasses.replace(services, fingerprint=lambda stream: str(id(stream)))


@legal("CI-02.1", "CI-02.2", "CI-02/window-edges", "CI-02/not-entitled")
def removes_nothing(services: Services) -> Services:
    """A full refresh removes nothing, whatever it might."""
    return dataclasses.replace(services, reconciles=lambda *asked: False)


@legal("CI-02/window-edges")
def removes_well_within_windows(services: Services) -> Services:
    """A refresh of a window removes nothing of the days on its edges."""

    def reconciles(
        record: UnseenRecord, manifest: StreamManifest, window: TimeRange | None, own: int, reach: int
    ) -> bool:
        if not services.reconciles(record, manifest, window, own, reach):
            return False
        at, since = moment(str(record.data.get("at"))), moment(str(window.since if window else None))
        return window is None or (at is not None and since is not None and at >= since + timedelta(days=1))

    return dataclasses.replace(services, reconciles=reconciles)


@legal("CI-03.4")
def refuses_unknown_connections(services: Services) -> Services:
    """Who asks for a connection that is not there, or not granted, is refused and not shown an empty list."""

    def readable(
        grant: Grant | None, face: Face, among: Iterable[Connection], stream: str | None, wanted: str | None
    ) -> tuple[Connection, ...]:
        found = services.readable(grant, face, among, None, wanted)
        if wanted is not None and not found:
            raise RequestRefused("not_found", f"no connection {wanted!r}")
        return services.readable(grant, face, found, stream, wanted)

    return dataclasses.replace(services, readable=readable)


@legal("CI-02/fifty-later", "CI-03.4")
def shows_short_pages(services: Services) -> Services:
    """A page of a list has seven rows where nobody says how long it should be."""
    return dataclasses.replace(services, page_rows=7)
