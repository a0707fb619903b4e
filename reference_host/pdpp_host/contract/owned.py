"""What else a host remembers: connectors, connections, paths, runs, the spine, leases."""

from __future__ import annotations

from datetime import timedelta, timezone

import msgspec

from pdpp_host.contract.case import StorageCase
from pdpp_host.contract.entries import (
    AT,
    a_batch,
    a_connection,
    a_connector,
    a_path,
    a_run,
    an_event,
)
from pdpp_host.domain.entities import Counts, Gap, Lease, Violation


class Owned(StorageCase):
    """Rows that come back as they were written, in the order that the port promises."""

    def test_a_connector_is_replaced_by_the_one_of_its_key(self) -> None:
        """Registering a key again replaces its connector; others stay, and the list is by key."""
        changed = a_connector("b", "other")
        with self.storage.write() as unit:
            for connector in (a_connector("b"), a_connector("a"), a_connector("Z"), changed):
                unit.put_connector(connector)
            unit.commit()
        with self.storage.read() as view:
            assert view.connectors() == [a_connector("Z"), a_connector("a"), changed]
            assert view.connector("b") == changed
            assert view.connector("c") is None

    def test_connections_come_oldest_first(self) -> None:
        """Connections are listed by the time at which they were made, whatever its offset."""
        later = (AT + timedelta(hours=1)).astimezone(timezone(-timedelta(hours=5)))
        with self.storage.write() as unit:
            unit.add_connection(a_connection("a", later))
            unit.add_connection(a_connection("b", AT))
            unit.commit()
        with self.storage.read() as view:
            assert view.connections() == [a_connection("b", AT), a_connection("a", later)]
            assert view.connection("c") is None

    def test_paths_come_by_ordinal(self) -> None:
        """A connection has its own paths, by ordinal, with everything that was said about them."""
        full = msgspec.structs.replace(a_path(), since="2026-01-01", browser_profile_key="p")
        with self.storage.write() as unit:
            for path in (a_path(ordinal=1), full, a_path("con-2")):
                unit.add_path(path)
            unit.commit()
        with self.storage.read() as view:
            assert view.paths("con-1") == [full, a_path(ordinal=1)]

    def test_a_run_is_replaced_whole(self) -> None:
        """Every field of a run comes back as it was last written, and no other run changes."""
        done = msgspec.structs.replace(
            a_run(),
            status="failed",
            narrowed=True,
            finished_at=AT,
            terminal_reason="connector_protocol_violation",
            violation=Violation("unknown_type", 3),
            known_gaps=(Gap("partition", "gone", "recoverable", partitions=("a", "b")),),
            checkpoint="withheld",
            records=Counts(1, 2, 3, 4),
        )
        with self.storage.write() as unit:
            unit.add_run(a_run())
            unit.add_run(a_run("run-2"))
            unit.add_batch(a_batch())
            unit.update_run(done)
            unit.update_batch(msgspec.structs.replace(a_batch(), status="failed", finished_at=AT))
            unit.commit()
        with self.storage.read() as view:
            assert (view.run("run-1"), view.run("run-2")) == (done, a_run("run-2"))
            assert view.run("run-3") is None

    def test_the_timeline_is_in_order(self) -> None:
        """A run's events come in the order in which they were appended, and only its own."""
        with self.storage.write() as unit:
            unit.append([an_event("run.started"), an_event("run.started", "run-2")])
            unit.append([an_event("connection.paused", None), an_event("run.completed")])
            unit.commit()
        with self.storage.read() as view:
            assert view.timeline("run-1") == [an_event("run.started"), an_event("run.completed")]

    def test_a_lease_is_one_runs(self) -> None:
        """A second run is refused a connection's lease until the first gives it back, whoever asks."""
        with self.storage.write() as unit:
            assert unit.take_lease("con-1", "run-1", "host-a", AT)
            assert unit.take_lease("con-2", "run-2", "host-a", AT)
            unit.commit()
        with self.beside() as other, other.write() as unit:
            assert not unit.take_lease("con-1", "run-3", "host-b", AT)
            unit.release_lease("run-3")
            assert not unit.take_lease("con-1", "run-3", "host-b", AT)
            unit.release_lease("run-1")
            assert unit.take_lease("con-1", "run-3", "host-b", AT)
            unit.commit()

    def test_leases_are_told_with_their_holders(self) -> None:
        """A lease that is held is told with its run and holder, whether that run was written yet or not."""
        with self.storage.write() as unit:
            unit.add_run(a_run("run-2", "con-2"))
            for connection, run in (("con-2", "run-2"), ("con-1", "run-1"), ("con-3", "run-3")):
                unit.take_lease(connection, run, f"host of {run}", AT)
            unit.release_lease("run-3")
            unit.commit()
        with self.storage.read() as view:
            assert view.leases() == [
                Lease("con-1", "run-1", "host of run-1", AT),
                Lease("con-2", "run-2", "host of run-2", AT),
            ]
