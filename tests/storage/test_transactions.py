from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from pdpp_host.ports import StorageError
from pdpp_plugins.storage.errors import Refused, TransactionOver
from pdpp_plugins.storage.sql_storage import SqlStorage

from .builders import AT, a_connection, a_run, execute, opened, read, upsert, write


def test_a_unit_is_rolled_back_unless_committed(storage: SqlStorage) -> None:
    """What a unit wrote is gone when its block ends without commit."""
    with storage.write() as unit:
        unit.add_connection(a_connection())
        assert unit.connections() == [a_connection()]
    with storage.read() as view:
        assert view.connections() == []


def test_a_unit_is_rolled_back_by_an_exception(storage: SqlStorage) -> None:
    """An exception in the block undoes what the unit wrote, and passes through."""

    def fail() -> None:
        with storage.write() as unit:
            unit.add_connection(a_connection())
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    with storage.read() as view:
        assert view.connections() == []


def test_a_committed_unit_is_over(storage: SqlStorage) -> None:
    """Nothing more can be asked of a unit after commit, so that nothing is lost without a word."""
    with storage.write() as unit:
        unit.commit()
        with pytest.raises(TransactionOver, match=r"is over; open another with read\(\) or write\(\)"):
            unit.add_connection(a_connection())
        with pytest.raises(TransactionOver):
            unit.commit()


def test_a_view_ends_with_its_block(storage: SqlStorage) -> None:
    """A view that is kept beyond its block says so."""
    with storage.read() as view:
        pass
    with pytest.raises(TransactionOver):
        view.connections()


def test_a_refused_statement_is_a_storage_error(storage: SqlStorage) -> None:
    """What the database refuses is a StorageError with the driver's words, the file and the cause."""
    with storage.write() as unit:
        unit.add_connection(a_connection())
        with pytest.raises(
            StorageError, match=r"UNIQUE constraint failed: connections\.connection_id|violates unique"
        ) as caught:
            unit.add_connection(a_connection())
    assert isinstance(caught.value, Refused)
    assert str(caught.value.database) in storage.database
    assert caught.value.__cause__ is not None


def test_a_refusal_shows_nothing_of_a_record(storage: SqlStorage) -> None:
    """Neither the error nor its cause repeats a person's data."""
    if storage.name == "sqlite":
        trigger = "CREATE TRIGGER no BEFORE INSERT ON records BEGIN SELECT raise(ABORT, 'no'); END"
    else:
        trigger = "ALTER TABLE records ADD CONSTRAINT short CHECK (length(data) < 10)"
    execute(storage, trigger)
    with pytest.raises(Refused) as caught:
        write(storage, upsert("1", note="secret"))
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"


def test_a_unit_that_failed_cannot_commit_half_of_it(storage: SqlStorage) -> None:
    """After a failure a unit is rolled back and over, even where the caller goes on."""
    with storage.write() as unit:
        unit.add_run(a_run())
        with pytest.raises(Refused):
            unit.add_run(a_run())
        with pytest.raises(TransactionOver):
            unit.commit()
    with storage.read() as view:
        assert view.run("run-1") is None


def test_what_cannot_be_bound_is_a_storage_error(storage: SqlStorage) -> None:
    """A naive time and a lone surrogate are refused like anything else that cannot be stored."""
    for connection in (a_connection(created_at=AT.replace(tzinfo=None)), a_connection("\ud800")):
        with storage.write() as unit, pytest.raises(Refused):
            unit.add_connection(connection)


def test_what_cannot_be_read_is_a_storage_error(storage: SqlStorage) -> None:
    """Stored JSON that somebody broke is refused when it is read."""
    with storage.write() as unit:
        unit.put_stream_state("con-1", 0, {"messages": {"n": 1}}, None, AT)
        unit.commit()
    execute(storage, "UPDATE stream_state SET cursor = '{'")
    with storage.read() as view, pytest.raises(Refused):
        view.stream_state("con-1", 0)


def test_a_reader_does_not_wait_for_a_writer(storage: SqlStorage) -> None:
    """While a unit is open readers see what was committed before it, at once."""
    write(storage, upsert("1"))
    with storage.write() as unit:
        unit.add_connection(a_connection())
        with storage.read() as view:
            assert view.connections() == []
        assert len(read(storage)) == 1
        unit.commit()


def test_a_view_is_one_snapshot(storage: SqlStorage) -> None:
    """What is committed after a view's first question does not show in its later ones."""
    with storage.read() as view:
        assert view.connections() == []
        with storage.write() as unit:
            unit.add_connection(a_connection())
            unit.commit()
        assert view.connection("con-1") is None
    with storage.read() as view:
        assert view.connection("con-1") == a_connection()


def test_a_view_cannot_write(storage: SqlStorage) -> None:
    """The engine behind views refuses to write, whoever asks."""
    with storage.read() as view, pytest.raises(Exception, match="readonly database|read-only transaction"):
        view._connection.exec_driver_sql("DELETE FROM connections")


def _count_up(storage: SqlStorage, times: int) -> None:
    for _ in range(times):
        with storage.write() as unit:
            count = unit.stream_state("con-1", 0).get("messages", 0)
            unit.put_stream_state("con-1", 0, {"messages": count + 1}, None, AT)
            unit.commit()


def test_no_update_of_two_threads_is_lost(storage: SqlStorage) -> None:
    """Threads that read, add one and write back through one storage count every time."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(_count_up, [storage] * 4, [25] * 4))
    with storage.read() as view:
        assert view.stream_state("con-1", 0) == {"messages": 100}


def test_no_update_of_two_storages_is_lost(url: str, storage: SqlStorage) -> None:
    """The same holds for two storages of one file, as two processes have them."""
    with opened(url) as other, ThreadPoolExecutor(2) as threads:
        list(threads.map(_count_up, [storage, other], [25] * 2))
    with storage.read() as view:
        assert view.stream_state("con-1", 0) == {"messages": 50}


def test_many_threads_may_read_at_once(storage: SqlStorage) -> None:
    """More views than the pool keeps can be open at the same time."""
    write(storage, upsert("1"))

    def nested(depth: int) -> int:
        with storage.read() as view:
            below = nested(depth - 1) if depth else 0
            return below + len(view.streams(["con-1"]))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(nested, [9] * 4)) == [10] * 4
