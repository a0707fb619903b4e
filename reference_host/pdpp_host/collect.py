"""One run from the shell: find or make the connection, run it, and tell what came of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from pdpp_host.compose import Host
from pdpp_host.domain.entities import Connection, Path, Run, Source
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import View

SUCCEEDED, FAILED, SUCCEEDED_WITH_GAPS = 0, 1, 5
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to collect: the connector's key, the folder it reads, and what narrows the run by stream."""

    connector_key: str
    source: str
    resources: dict[str, list[str]]

    @property
    def root(self) -> str:
        """The source's canonical path, by which its connection is known again."""
        return os.path.realpath(self.source)

    @property
    def body(self) -> bytes:
        """The run request."""
        return msgspec.json.encode({"resources": self.resources} if self.resources else {})


def collect(host: Host, wanted: Wanted, watch: Callable[[int], None]) -> Run:
    """Run once and wait for the end; `watch` hears how many records are stored so far.

    Raises RequestRefused for an unknown connector (`unknown_connector`) and for whatever a run
    request is refused for. An interrupt from the keyboard cancels the run and waits for its end.
    """
    run_id = host.controller.start(_connection(host, wanted), wanted.body).run_id
    while True:
        try:
            # Asked first: a run whose end storage would not take is carried no more, and still active.
            carried = host.controller.carries(run_id)
            run, stored = _seen(host, run_id)
            if run.status != "active" or not carried:
                return run
            watch(stored)
            time.sleep(_POLL_S)
        except KeyboardInterrupt:
            host.controller.cancel(run_id)


def exit_status(run: Run) -> int:
    """0 succeeded with no known gap, 5 succeeded with one, 1 for any other end."""
    if run.status != "completed":
        return FAILED
    return (
        SUCCEEDED_WITH_GAPS if any(gap.severity != "informational" for gap in run.known_gaps) else SUCCEEDED
    )


def summary(run: Run, seconds: float) -> Iterator[str]:
    """The run in lines of text: its counts, its end, its gaps."""
    counts = run.records
    new = counts.accepted - counts.updated
    yield (
        f"{run.status} in {seconds:.1f} s: {new} new, {counts.updated} changed, "
        f"{counts.deleted} deleted, {counts.rejected} refused"
    )
    if run.terminal_reason is not None:
        yield f"reason: {run.terminal_reason}"
    if run.violation is not None:
        where = f"line {run.violation.line}, stream {run.violation.stream!r}, key {run.violation.key!r}"
        yield f"violation: {run.violation.rule} at {where}: {run.violation.message}"
    for gap in run.known_gaps:
        named = f" ({', '.join(gap.partitions)})" if gap.partitions else ""
        told = f": {gap.message}" if gap.message else ""
        yield f"gap: {gap.reason} in {gap.stream or 'the run'}{named}, {gap.severity}{told}"


def _connection(host: Host, wanted: Wanted) -> str:
    """The connection of the same connector and source, made when there is none."""
    services = host.services
    with services.storage.write() as unit:
        connector = unit.connector(wanted.connector_key)
        if connector is None:
            known = ", ".join(connector.key for connector in unit.connectors())
            message = f"no connector {wanted.connector_key!r} is installed; there are {known}"
            raise RequestRefused("unknown_connector", message)
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


def _seen(host: Host, run_id: str) -> tuple[Run, int]:
    """The run as it stands, and how many records its batches have stored so far."""
    with host.services.storage.read() as view:
        run = view.run(run_id)
        assert run is not None, "a run that was started is stored"
        events = view.timeline(run_id) if run.status == "active" else []
    return run, sum(event.data.get("accepted", 0) for event in events if event.event_type == "batch_ingested")
