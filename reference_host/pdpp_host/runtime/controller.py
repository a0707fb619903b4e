"""Starting, finding and ending runs; one at a time for each connection."""

from __future__ import annotations

from threading import Lock, Thread
from typing import Any

import msgspec

from pdpp_host.domain.entities import Batch, Connection, Connector, Path, Run, SpineEvent
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.runtime.collection import Collection, Plan
from pdpp_host.services import Services

CLOSE_SECONDS = 10.0


class Controller:
    """The runs of one host."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._holder = services.new_id("host")
        self._lock = Lock()
        self._active: dict[str, tuple[Collection, Thread]] = {}

    def start(self, connection_id: str, body: bytes) -> Run:
        """Start a run as the owner asked for; the run goes on in a thread of its own.

        Raises RequestRefused, before any process is started, for a request that is not well formed
        (PR-03.3), a connection that does not exist (`not_found`) or is paused, and one whose lease
        another run holds (`run_already_active`).
        """
        plan = self._plan(connection_id, body)
        run = plan.run
        with self._services.storage.write() as unit:
            if not unit.take_lease(connection_id, run.run_id, self._holder, run.started_at):
                raise RequestRefused("run_already_active", f"a run of {connection_id!r} is under way")
            unit.add_run(run)
            unit.add_batch(plan.batch)
            unit.append(
                [
                    SpineEvent(
                        "connection", connection_id, run.run_id, run.started_at, "run.started", run.scope
                    )
                ]
            )
            unit.commit()
        self._begin(plan)
        return run

    def cancel(self, run_id: str) -> None:
        """Ask a run to end; one that has ended already stays as it ended."""
        with self._lock:
            collection, _ = self._active.get(run_id, (None, None))
        if collection is None:
            return
        self._note(run_id, "cancel_requested")
        collection.cut("owner_cancelled")

    def recover(self) -> None:
        """End the runs that a dead host left behind, and give back their leases."""
        with self._services.storage.write() as unit:
            now = self._services.clock.now()
            for run, _holder in unit.active_runs():
                ended = msgspec.structs.replace(
                    run, status="failed", finished_at=now, terminal_reason="host_stopped"
                )
                unit.update_run(ended)
                event = SpineEvent(
                    "connection", run.connection_id, run.run_id, now, "run.failed", {"reason": "host_stopped"}
                )
                unit.append([event])
                unit.release_lease(run.run_id)
            unit.commit()

    def close(self) -> None:
        """End every run under way and wait for it to be written down."""
        with self._lock:
            under_way = list(self._active.values())
        for collection, _ in under_way:
            collection.cut("host_stopped")
        for _, thread in under_way:
            thread.join(CLOSE_SECONDS)

    def _plan(self, connection_id: str, body: bytes) -> Plan:
        services = self._services
        connection, path, connector, committed = self._configured(connection_id)
        request = services.parse_run_request(body, connector.manifest)
        if connection.paused:
            raise RequestRefused("connection_paused", f"{connection_id!r} is paused; resume it first")
        streams = services.start_streams(connector.manifest, request, path.since)
        now, run_id, batch_id = services.clock.now(), services.new_id("run"), services.new_id("batch")
        run = Run(
            run_id=run_id,
            connection_id=connection_id,
            path=path.ordinal,
            batch_id=batch_id,
            status="active",
            scope={"streams": msgspec.to_builtins(streams)},
            narrowed=request.narrowed,
            started_at=now,
        )
        batch = Batch(batch_id, connection_id, path.ordinal, path.method, run_id, now)
        claimed = {name: cursor for name, cursor in committed.items() if name not in request.coverage}
        return Plan(run, batch, path, connector, streams, services.start_state(claimed, streams))

    def _configured(self, connection_id: str) -> tuple[Connection, Path, Connector, dict[str, Any]]:
        with self._services.storage.read() as view:
            connection = view.connection(connection_id)
            if connection is None:
                raise RequestRefused("not_found", f"no connection {connection_id!r}")
            path = view.paths(connection_id)[0]
            connector = view.connector(path.connector_key)
            assert connector is not None, "a path's connector is registered before the path is configured"
            return connection, path, connector, view.stream_state(connection_id, path.ordinal)

    def _begin(self, plan: Plan) -> None:
        collection = Collection(self._services, plan)
        thread = Thread(target=self._collect, args=(plan.run.run_id, collection), name=plan.run.run_id)
        with self._lock:
            self._active[plan.run.run_id] = (collection, thread)
        thread.start()

    def _collect(self, run_id: str, collection: Collection) -> None:
        try:
            collection.collect()
        finally:
            with self._lock:
                del self._active[run_id]

    def _note(self, run_id: str, event_type: str) -> None:
        with self._services.storage.write() as unit:
            run = unit.run(run_id)
            if run is not None:
                now = self._services.clock.now()
                unit.append([SpineEvent("connection", run.connection_id, run_id, now, event_type)])
            unit.commit()
