"""One run from the shell: find or make the connection, run it, and tell what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from pdpp_host.compose import Host
from pdpp_host.domain.entities import Connection, Path, Run, Source
from pdpp_host.ports import View
from pdpp_host.runtime.planning import registered
from pdpp_host.waiting import ended


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to collect: the connector's key and the folder it reads, and what narrows the run by stream."""

    connector_key: str
    source: str
    resources: dict[str, list[str]]

    @property
    def root(self) -> str:
        """The source's canonical path, by which its connection is known again."""
        return os.path.realpath(self.source)


@dataclass(frozen=True, slots=True)
class WantedAgain:
    """A connection that is there to collect, by which of its paths, and what narrows the run by stream."""

    connection_id: str
    path: int | None
    resources: dict[str, list[str]]


def collect(host: Host, wanted: Wanted | WantedAgain, watch: Callable[[int], None]) -> Run:
    """Run once and wait for the end; `watch` hears how many records are stored so far.

    Raises RequestRefused for an unknown connector (`unknown_connector`) and for whatever a run
    request is refused for. An interrupt from the keyboard cancels the run and waits for its end.
    """
    if isinstance(wanted, WantedAgain):
        connection_id, path = wanted.connection_id, wanted.path
    else:
        connection_id, path = _connection(host, wanted), None
    body = msgspec.json.encode({"resources": wanted.resources} if wanted.resources else {})
    return ended(host, host.controller.start(connection_id, body, path).run_id, watch)


def _connection(host: Host, wanted: Wanted) -> str:
    """The connection of the same connector and source, made when there is none."""
    services = host.services
    with services.storage.write() as unit:
        connector = registered(unit, wanted.connector_key)
        found = _known(unit, wanted)
        if found is not None:
            return found
        now, connection_id = services.clock.now(), services.new_id("conn")
        name = f"{connector.manifest.display_name} {os.path.basename(wanted.root)}"
        unit.add_connection(Connection(connection_id, connector.key, name, now))
        binding, source = {"local": wanted.root}, Source(root=wanted.root)
        unit.add_path(Path(connection_id, 0, connector.key, "device_sync", binding, source, now))
        unit.commit()
        return connection_id


def _known(view: View, wanted: Wanted) -> str | None:
    for connection in view.connections():
        for path in view.paths(connection.connection_id):
            if (path.connector_key, path.source.root) == (wanted.connector_key, wanted.root):
                return connection.connection_id
    return None
