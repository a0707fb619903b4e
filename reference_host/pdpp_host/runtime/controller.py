"""Starting, finding and ending runs; one at a time for each connection."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from threading import Lock, Thread

from pdpp_host.domain.entities import Artifact, Run
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import StorageError, Unit, View
from pdpp_host.runtime import holders
from pdpp_host.runtime.collection import Collection
from pdpp_host.runtime.planning import Plan, planned, renewed
from pdpp_host.runtime.recovery import end_left, recover
from pdpp_host.runtime.spine import happened
from pdpp_host.services import Services

CLOSE_SECONDS = 30.0
Founding = Callable[[Unit], None]
"""Makes the connection of a run, in the transaction in which the run begins."""

PlanOf = Callable[[View], Plan]
Begun = tuple[Plan, Collection]
_log = logging.getLogger(__name__)


class _Held(Exception):
    """Another run has the lease."""


class Controller:
    """The runs of one host."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._holder = holders.enter()
        self._lock = Lock()
        self._settling = Lock()
        self._active: dict[str, tuple[Collection, Thread]] = {}
        self._owed: dict[str, Callable[[], bool]] = {}
        self._closed = False

    def start(self, connection_id: str, body: bytes, path: int | None = None) -> Run:
        """Start a run as the owner asked for; the run goes on in a thread of its own.

        Raises RequestRefused, before any process is started, for a request that is not well formed
        (PR-03.3), a connection that does not exist (`not_found`), is paused or superseded, one with several
        paths of which none is named (`path_required`), one whose path lacks a binding that its connector
        needs (`binding_missing`), and one whose lease another run holds (`run_already_active`).
        """

        def plan_of(view: View) -> Plan:
            return planned(self._services, view, connection_id, body, path)

        with self._services.storage.read() as view:
            plan = plan_of(view)
        begun = self._reserved(plan, plan_of)
        assert begun is not None, "it was planned again"
        self._begin(*begun)
        return plan.run

    def reserve(self, plan: Plan) -> None:
        """Take the lease for a run that is still to come.

        Raises RequestRefused (`run_already_active`) where another run has the lease.
        """
        self._reserved(plan)

    def _reserved(self, plan: Plan, plan_of: PlanOf | None = None) -> Begun | None:
        self._settle()
        try:
            return self._leased(plan, plan_of)
        except _Held:
            recover(self._services)
            try:
                return self._leased(plan, plan_of)
            except _Held:
                told = f"a run of {plan.run.connection_id!r} is under way"
                raise RequestRefused("run_already_active", told) from None

    def release(self, plan: Plan) -> None:
        """Give back the lease of a run that was to begin and does not; later, where storage will not now."""
        self._owe_unless(
            self._undone(plan.run.run_id), plan.run.run_id, partial(self._undone, plan.run.run_id)
        )

    def take_in(
        self, reserved: Plan, plan_of: PlanOf, artifact: Artifact, founding: Founding | None = None
    ) -> Run:
        """Start the run that imports an artifact, as things stand now.

        Its lease is reserved, or it founds its connection and takes it then.
        """
        try:
            with self._services.storage.write() as unit:
                if founding is not None:
                    founding(unit)
                    run = reserved.run
                    unit.take_lease(run.connection_id, run.run_id, self._holder, run.started_at)
                begun = self._written(unit, renewed(plan_of(unit), reserved), artifact)
                unit.commit()
        except BaseException:
            self.release(reserved)
            raise
        self._begin(*begun)
        return reserved.run

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
        """End the runs that a dead host left behind, and give back their leases."""
        recover(self._services)

    def tend(self) -> None:
        """Write the ends that are owed, cut runs that were ended elsewhere, end those of dead hosts.

        Raises StorageError; what could not be done is done the next time.
        """
        self._settle()
        with self._lock:
            under_way = dict(self._active)
        with self._services.storage.read() as view:
            held = {lease.run_id for lease in view.leases()}
        for run_id in under_way.keys() - held:
            # Its owner ended it through a host that knows nothing of this one, or it ends just now.
            collection, _ = under_way[run_id]
            collection.cut("owner_cancelled")
        recover(self._services)

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

    def _leased(self, plan: Plan, plan_of: PlanOf | None) -> Begun | None:
        """Take the lease, and then see how things stand: only now does no other run change them."""
        run, begun = plan.run, None
        try:
            with self._services.storage.write() as unit:
                if not unit.take_lease(run.connection_id, run.run_id, self._holder, run.started_at):
                    raise _Held
                if plan_of is not None:
                    begun = self._written(unit, renewed(plan_of(unit), plan))
                unit.commit()
        except StorageError:
            # A commit whose answer was lost may have been kept, and nobody would carry that run out.
            self._owe_unless(False, run.run_id, partial(self._undone, run.run_id))
            raise
        return begun

    def _written(self, unit: Unit, plan: Plan, artifact: Artifact | None = None) -> Begun:
        collection = Collection(self._services, plan, artifact)
        unit.add_run(plan.run)
        unit.add_batch(collection.batch)
        unit.append([happened(plan.run, plan.run.started_at, "run.started", plan.run.scope)])
        return plan, collection

    def _begin(self, plan: Plan, collection: Collection) -> None:
        run_id = plan.run.run_id
        thread = Thread(target=self._collect, args=(plan, collection), name=run_id)
        try:
            with self._lock:
                if self._closed:
                    raise RequestRefused("host_stopping", "the host is stopping; ask it when it is back")
                thread.start()
                self._active[run_id] = (collection, thread)
        except BaseException:
            self._owe_unless(collection.give_up(), run_id, collection.give_up)
            raise

    def _collect(self, plan: Plan, collection: Collection) -> None:
        ended = False
        try:
            ended = collection.collect()
        finally:
            self._owe_unless(ended, plan.run.run_id, collection.give_up)
            plan.release()

    def _owe_unless(self, ended: bool, run_id: str, end: Callable[[], bool]) -> None:
        if not ended:
            with self._settling:
                self._owed[run_id] = end
        with self._lock:
            self._active.pop(run_id, None)

    def _settle(self) -> None:
        """Write the ends that storage would not take when they came."""
        with self._settling:
            for run_id, end in list(self._owed.items()):
                if end():
                    del self._owed[run_id]

    def _undone(self, run_id: str) -> bool:
        """Give back the lease of a run that goes nowhere, and end it if it began; False if that failed."""
        try:
            with self._services.storage.write() as unit:
                for lease in unit.leases():
                    if lease.run_id == run_id:
                        end_left(self._services, unit, lease, "failed", "storage_failed")
                unit.commit()
        except StorageError as error:
            _log.info("the lease of %s could not be given back; it is tried again: %s", run_id, error)
            return False
        return True

    def _cancel_foreign(self, run_id: str) -> None:
        with self._services.storage.write() as unit:
            lease = next((lease for lease in unit.leases() if lease.run_id == run_id), None)
            if lease is None:
                return
            life = holders.life(lease.holder)
            if life == "alive":
                raise RequestRefused(
                    "run_held_elsewhere", f"another host process carries out {run_id!r}; cancel it there"
                )
            if life == "dead":
                end_left(self._services, unit, lease, "failed", "host_stopped")
            else:
                end_left(self._services, unit, lease, "cancelled", "owner_cancelled")
            unit.commit()

    def _note(self, run_id: str, event_type: str) -> None:
        """Add an event to the timeline of a run that has not ended: nothing comes after its end."""
        with self._services.storage.write() as unit:
            run = unit.run(run_id)
            if run is not None and run.status == "active":
                unit.append([happened(run, self._services.clock.now(), event_type)])
                unit.commit()
