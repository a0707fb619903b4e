"""Starting, finding and ending runs; one at a time for each connection."""

from __future__ import annotations

from threading import Lock, Thread

import msgspec

from pdpp_host.domain.endings import TerminalReason
from pdpp_host.domain.entities import Counts, Run, RunStatus
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import Unit
from pdpp_host.runtime import holders
from pdpp_host.runtime.collection import Collection
from pdpp_host.runtime.planning import Plan, batch_of, planned
from pdpp_host.runtime.spine import happened
from pdpp_host.services import Services

CLOSE_SECONDS = 30.0


class Controller:
    """The runs of one host."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._holder = holders.enter()
        self._lock = Lock()
        self._settling = Lock()
        self._active: dict[str, tuple[Collection, Thread]] = {}
        self._owed: dict[str, Collection] = {}
        self._closed = False

    def start(self, connection_id: str, body: bytes) -> Run:
        """Start a run as the owner asked for; the run goes on in a thread of its own.

        Raises RequestRefused, before any process is started, for a request that is not well formed
        (PR-03.3), a connection that does not exist (`not_found`) or is paused, one whose path lacks a binding
        that its connector needs (`binding_missing`), and one whose lease another run holds
        (`run_already_active`).
        """
        plan = planned(self._services, connection_id, body)
        collection = Collection(self._services, plan)
        self._settle()
        if not self._taken(plan):
            self.recover()
            if not self._taken(plan):
                raise RequestRefused("run_already_active", f"a run of {connection_id!r} is under way")
        self._begin(plan, collection)
        return plan.run

    def cancel(self, run_id: str) -> None:
        """Ask a run to end; one that has ended already stays as it ended.

        A run of a host of which nothing is known is ended at the owner's word; one of a host that lives
        elsewhere on this machine raises RequestRefused (`run_held_elsewhere`).
        """
        with self._lock:
            collection, _ = self._active.get(run_id, (None, None))
        if collection is None:
            self._settle()
            self._cancel_foreign(run_id)
            return
        # Before the note: a run whose end is being written now must not complete after it.
        collection.doom("owner_cancelled")
        try:
            self._note(run_id, "cancel_requested")
        finally:
            collection.cut("owner_cancelled")

    def carries(self, run_id: str) -> bool:
        """Whether this host is carrying a run out now."""
        with self._lock:
            return run_id in self._active

    def recover(self) -> None:
        """End the runs that a dead host left behind, and give back their leases.

        Only what is proved dead is ended: another host process may live on the same database.
        """
        with self._services.storage.read() as view:
            if all(holders.life(holder) != "dead" for _, holder in view.active_runs()):
                return
        with self._services.storage.write() as unit:
            for run, holder in unit.active_runs():
                if holders.life(holder) == "dead":
                    self._end_foreign(unit, run, "failed", "host_stopped")
            unit.commit()

    def close(self) -> None:
        """End every run under way, wait for it to be written down, and start no other."""
        with self._lock:
            self._closed = True
            under_way = list(self._active.values())
        for collection, _ in under_way:
            collection.cut("host_stopped")
        for _, thread in under_way:
            thread.join(CLOSE_SECONDS)
        self._settle()
        holders.leave(self._holder)

    def _taken(self, plan: Plan) -> bool:
        """Take the connection's lease and write the run's beginning, or do nothing where it is taken."""
        run = plan.run
        with self._services.storage.write() as unit:
            if not unit.take_lease(run.connection_id, run.run_id, self._holder, run.started_at):
                return False
            unit.add_run(run)
            unit.add_batch(batch_of(run, plan.path))
            unit.append([happened(run, run.started_at, "run.started", run.scope)])
            unit.commit()
        return True

    def _begin(self, plan: Plan, collection: Collection) -> None:
        run_id = plan.run.run_id
        thread = Thread(target=self._collect, args=(run_id, collection), name=run_id)
        try:
            with self._lock:
                if self._closed:
                    raise RequestRefused("host_stopping", "the host is stopping; ask it when it is back")
                thread.start()
                self._active[run_id] = (collection, thread)
        except BaseException:
            self._owe_unless(collection.give_up(), run_id, collection)
            raise

    def _collect(self, run_id: str, collection: Collection) -> None:
        ended = False
        try:
            ended = collection.collect()
        finally:
            self._owe_unless(ended, run_id, collection)

    def _owe_unless(self, ended: bool, run_id: str, collection: Collection) -> None:
        if not ended:
            with self._settling:
                self._owed[run_id] = collection
        with self._lock:
            self._active.pop(run_id, None)

    def _settle(self) -> None:
        """Write the ends that storage would not take when they came."""
        with self._settling:
            for run_id, collection in list(self._owed.items()):
                if collection.give_up():
                    del self._owed[run_id]

    def _cancel_foreign(self, run_id: str) -> None:
        with self._services.storage.write() as unit:
            held = {run.run_id: (run, holder) for run, holder in unit.active_runs()}
            if run_id not in held:
                return
            run, holder = held[run_id]
            life = holders.life(holder)
            if life == "alive":
                raise RequestRefused(
                    "run_held_elsewhere", f"another host process carries out {run_id!r}; cancel it there"
                )
            if life == "dead":
                self._end_foreign(unit, run, "failed", "host_stopped")
            else:
                self._end_foreign(unit, run, "cancelled", "owner_cancelled")
            unit.commit()

    def _end_foreign(self, unit: Unit, run: Run, status: RunStatus, reason: TerminalReason) -> None:
        """End a run whose own host cannot, with the counts that its timeline tells."""
        now = self._services.clock.now()
        counts = sum(
            (
                msgspec.convert(event.data, Counts)
                for event in unit.timeline(run.run_id)
                if event.event_type == "batch_ingested"
            ),
            Counts(),
        )
        ended = msgspec.structs.replace(
            run, status=status, finished_at=now, terminal_reason=reason, records=counts
        )
        path = next(path for path in unit.paths(run.connection_id) if path.ordinal == run.path)
        unit.update_run(ended)
        unit.update_batch(batch_of(ended, path))
        unit.append([happened(run, now, f"run.{status}", {"reason": reason})])
        unit.release_lease(run.run_id)

    def _note(self, run_id: str, event_type: str) -> None:
        """Add an event to the timeline of a run that has not ended: nothing comes after its end."""
        with self._services.storage.write() as unit:
            run = unit.run(run_id)
            if run is not None and run.status == "active":
                unit.append([happened(run, self._services.clock.now(), event_type)])
                unit.commit()
