"""Ending runs that nobody carries out any more."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pdpp_host.domain.endings import TerminalReason
from pdpp_host.domain.entities import Counts, Lease, RunStatus, SpineEvent
from pdpp_host.ports import Unit, View
from pdpp_host.runtime import holders
from pdpp_host.runtime.gaps import open_gaps
from pdpp_host.runtime.receipts import cut
from pdpp_host.runtime.spine import happened
from pdpp_host.services import Services


def recover(services: Services) -> None:
    """End the runs that dead hosts left behind, and give back their leases.

    Only what is proved dead is ended: another host process may live on the same database. Nothing is
    written where nobody is dead.
    """
    with services.storage.read() as view:
        if all(holders.life(lease.holder) != "dead" for lease in view.leases()):
            return
    with services.storage.write() as unit:
        # Looked at again: another host that lives may have done it meanwhile.
        for lease in unit.leases():
            if holders.life(lease.holder) == "dead":
                end_left(services, unit, lease, "failed", "host_stopped")
        unit.commit()


def end_left(services: Services, unit: Unit, lease: Lease, status: RunStatus, reason: TerminalReason) -> None:
    """Give back a lease and end its run, if it ever began, with the counts that its timeline tells."""
    run = unit.run(lease.run_id)
    if run is not None and run.status == "active":
        now, events = services.clock.now(), unit.timeline(run.run_id)
        ended = msgspec.structs.replace(
            run, status=status, finished_at=now, terminal_reason=reason, records=told_counts(events)
        )
        unit.update_run(ended)
        open_gaps(services, unit, ended)
        batch = unit.batch(run.connection_id, run.batch_id)
        if batch is not None:
            unit.update_batch(cut(batch, ended, events))
        unit.append([happened(run, now, f"run.{status}", {"reason": reason})])
    unit.release_lease(lease.run_id)


def is_over(view: View, run_id: str) -> bool:
    """Whether a run has its end: from whoever took its lease, or by a commit whose answer was lost."""
    run = view.run(run_id)
    return run is None or run.status != "active"


def told_counts(events: Sequence[SpineEvent]) -> Counts:
    """What a run has written, as its timeline tells it."""
    written = (event.data for event in events if event.event_type == "batch_ingested")
    return sum((msgspec.convert(data, Counts) for data in written), Counts())
