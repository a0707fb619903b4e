from __future__ import annotations

from datetime import timedelta, timezone

import msgspec
import pytest

from pdpp_host.domain.entities import BatchCounts, Counts, Gap, Violation
from pdpp_plugins.storage.errors import TooManyPaths
from pdpp_plugins.storage.sql_storage import SqlStorage

from .builders import AT, a_batch, a_connection, a_connector, a_path, a_run, an_event, select


def test_a_connector_is_replaced_by_the_one_of_its_key(storage: SqlStorage) -> None:
    """Registering a key again replaces its connector; others stay, and the list is by key."""
    changed = msgspec.structs.replace(a_connector("b"), command=("other",))
    with storage.write() as unit:
        for connector in (a_connector("b"), a_connector("a"), changed):
            unit.put_connector(connector)
        unit.commit()
    with storage.read() as view:
        assert view.connectors() == [a_connector("a"), changed]
        assert view.connector("b") == changed
        assert view.connector("c") is None


def test_connections_come_oldest_first(storage: SqlStorage) -> None:
    """Connections are listed by the time at which they were made, whatever its offset was."""
    later = (AT + timedelta(hours=1)).astimezone(timezone(-timedelta(hours=5)))
    with storage.write() as unit:
        unit.add_connection(a_connection("a", later))
        unit.add_connection(a_connection("b", AT))
        unit.commit()
    with storage.read() as view:
        assert view.connections() == [a_connection("b", AT), a_connection("a", later)]
        assert view.connection("a") == a_connection("a", later)
        assert view.connection("c") is None


def test_paths_come_by_ordinal(storage: SqlStorage) -> None:
    """A connection has its own paths, by ordinal, with everything that was said about them."""
    full = msgspec.structs.replace(a_path(ordinal=0), since="2026-01-01", browser_profile_key="p")
    with storage.write() as unit:
        for path in (a_path(ordinal=1), full, a_path("con-2")):
            unit.add_path(path)
        unit.commit()
    with storage.read() as view:
        assert view.paths("con-1") == [full, a_path(ordinal=1)]


@pytest.mark.parametrize("ordinal", [-1, 63])
def test_a_path_without_a_bit_is_refused(storage: SqlStorage, ordinal: int) -> None:
    """A path whose ordinal does not fit a record's bits is refused."""
    with (
        storage.write() as unit,
        pytest.raises(TooManyPaths, match=rf"ordinal {ordinal} is not within 0..62"),
    ):
        unit.add_path(a_path(ordinal=ordinal))


def test_a_run_is_replaced_whole(storage: SqlStorage) -> None:
    """Every field of a run comes back as it was last written, and no other run changes."""
    done = msgspec.structs.replace(
        a_run(),
        status="failed",
        narrowed=True,
        finished_at=AT,
        profile_key="p",
        terminal_reason="connector_protocol_violation",
        violation=Violation("unknown_type", 3),
        known_gaps=(Gap("partition", "gone", "recoverable", partitions=("a", "b")),),
        checkpoint="withheld",
        records=Counts(1, 2, 3, 4),
    )
    with storage.write() as unit:
        unit.add_run(a_run())
        unit.add_run(a_run("run-2"))
        unit.update_run(done)
        unit.commit()
    with storage.read() as view:
        assert view.run("run-1") == done
        assert view.run("run-2") == a_run("run-2")
        assert view.run("run-3") is None


def test_a_batch_is_replaced_whole(storage: SqlStorage) -> None:
    """A batch's row is the one that was last written."""
    done = msgspec.structs.replace(a_batch(), status="completed", finished_at=AT, counts=BatchCounts(1))
    with storage.write() as unit:
        unit.add_batch(a_batch())
        unit.add_batch(a_batch("bat-2"))
        unit.update_batch(done)
        unit.commit()
    asked = "SELECT batch_id, status, counts FROM batches ORDER BY 1"
    assert select(storage, asked) == [
        ("bat-1", "completed", '{"parsed":1,"accepted":0,"duplicate":0,"skipped":0,"failed":0}'),
        ("bat-2", "open", '{"parsed":0,"accepted":0,"duplicate":0,"skipped":0,"failed":0}'),
    ]


def test_the_timeline_is_in_order(storage: SqlStorage) -> None:
    """A run's events come in the order in which they were appended, and only its own."""
    with storage.write() as unit:
        unit.append([an_event("run.started"), an_event("run.started", "run-2")])
        unit.append([])
        unit.append([an_event("connection.paused", None), an_event("run.completed")])
        unit.commit()
    with storage.read() as view:
        assert view.timeline("run-1") == [an_event("run.started"), an_event("run.completed")]


def test_cursors_belong_to_a_path(storage: SqlStorage) -> None:
    """Each path of each connection has its own cursors; streams that are not named keep theirs."""
    with storage.write() as unit:
        unit.put_stream_state("con-1", 0, {"messages": {"n": 1}, "calls": {"n": 2}}, "run-1", AT)
        unit.put_stream_state("con-1", 1, {"messages": {"n": 3}}, None, AT)
        unit.put_stream_state("con-2", 0, {"messages": {"n": 4}}, "run-2", AT)
        unit.put_stream_state("con-1", 0, {"messages": {"n": 5}}, "run-3", AT)
        unit.put_stream_state("con-1", 0, {}, "run-4", AT)
        unit.commit()
    with storage.read() as view:
        assert view.stream_state("con-1", 0) == {"messages": {"n": 5}, "calls": {"n": 2}}
        assert view.stream_state("con-1", 1) == {"messages": {"n": 3}}
        assert view.stream_state("con-2", 0) == {"messages": {"n": 4}}
        assert view.stream_state("con-2", 1) == {}


def test_a_lease_is_one_runs(storage: SqlStorage) -> None:
    """A second run is refused a connection's lease until the first gives it back."""
    with storage.write() as unit:
        assert unit.take_lease("con-1", "run-1", "host-a", AT)
        assert unit.take_lease("con-1", "run-1", "host-a", AT)
        assert not unit.take_lease("con-1", "run-2", "host-b", AT)
        assert unit.take_lease("con-2", "run-3", "host-b", AT)
        unit.release_lease("run-2")
        assert not unit.take_lease("con-1", "run-2", "host-b", AT)
        unit.release_lease("run-1")
        assert unit.take_lease("con-1", "run-2", "host-b", AT)
        unit.commit()
