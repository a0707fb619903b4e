"""Starting, finding and ending runs; one at a time for each connection."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread

import msgspec

from pdpp_host.domain.endings import TerminalReason
from pdpp_host.domain.entities import Artifact, Counts, Lease, Run, RunStatus
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import Unit, View
from pdpp_host.runtime import holders
from pdpp_host.runtime.collection import Collection
from pdpp_host.runtime.gaps import open_gaps
from pdpp_host.runtime.planning import Plan, planned, renewed
from pdpp_host.runtime.receipts import cut
from pdpp_host.runtime.spine import happened
from pdpp_host.services import Services

CLOSE_SECONDS = 30.0
Founding = Callable[[Unit], None]
"""Makes the connection of a run, in the transaction in which the run begins."""

PlanOf = Callable[[View], Plan]
Begun = tuple[Plan, Collection]


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
        self._owed: dict[str, Collection] = {}
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
            self.recover()
            try:
                return self._leased(plan, plan_of)
            except _Held:
                told = f"a run of {plan.run.connection_id!r} is under way"
                raise RequestRefused("run_already_active", told) from None

    def release(self, plan: Plan) -> None:
        """Give back the lease of a run that was to begin and does not."""
        with self._services.storage.write() as unit:
            unit.release_lease(plan.run.run_id)
            unit.commit()

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
        """End the runs that a dead host left behind, and give back their leases.

        Only what is proved dead is ended: another host process may live on the same database.
        """
        with self._services.storage.read() as view:
            if all(holders.life(lease.holder) != "dead" for lease in view.leases()):
                return
        with self._services.storage.write() as unit:
            for lease in unit.leases():
                if holders.life(lease.holder) == "dead":
                    self._end_foreign(unit, lease, "failed", "host_stopped")
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

    def _leased(self, plan: Plan, plan_of: PlanOf | None) -> Begun | None:
        """Take the lease, and then see how things stand: only now does no other run change them."""
        run, begun = plan.run, None
        with self._services.storage.write() as unit:
            if not unit.take_lease(run.connection_id, run.run_id, self._holder, run.started_at):
                raise _Held
            if plan_of is not None:
                begun = self._written(unit, renewed(plan_of(unit), plan))
            unit.commit()
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
            self._owe_unless(collection.give_up(), run_id, collection)
            raise

    def _collect(self, plan: Plan, collection: Collection) -> None:
        ended = False
        try:
            ended = collection.collect()
        finally:
            self._owe_unless(ended, plan.run.run_id, collection)
            plan.release()

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
            lease = next((lease for lease in unit.leases() if lease.run_id == run_id), None)
            if lease is None:
                return
            life = holders.life(lease.holder)
            if life == "alive":
                raise RequestRefused(
                    "run_held_elsewhere", f"another host process carries out {run_id!r}; cancel it there"
                )
            if life == "dead":
                self._end_foreign(unit, lease, "failed", "host_stopped")
            else:
                self._end_foreign(unit, lease, "cancelled", "owner_cancelled")
            unit.commit()

    def _end_foreign(self, unit: Unit, lease: Lease, status: RunStatus, reason: TerminalReason) -> None:
        """End a run whose own host cannot, with the counts that its timeline tells, if it ever began."""
        run = unit.run(lease.run_id)
        if run is not None:
            now, events = self._services.clock.now(), unit.timeline(run.run_id)
            written = (event.data for event in events if event.event_type == "batch_ingested")
            counts = sum((msgspec.convert(data, Counts) for data in written), Counts())
            ended = msgspec.structs.replace(
                run, status=status, finished_at=now, terminal_reason=reason, records=counts
            )
            unit.update_run(ended)
            open_gaps(self._services, unit, ended)
            batch = unit.batch(run.connection_id, run.batch_id)
            if batch is not None:
                unit.update_batch(cut(batch, ended, events))
            unit.append([happened(run, now, f"run.{status}", {"reason": reason})])
        unit.release_lease(lease.run_id)

    def _note(self, run_id: str, event_type: str) -> None:
        """Add an event to the timeline of a run that has not ended: nothing comes after its end."""
        with self._services.storage.write() as unit:
            run = unit.run(run_id)
            if run is not None and run.status == "active":
                unit.append([happened(run, self._services.clock.now(), event_type)])
                unit.commit()
