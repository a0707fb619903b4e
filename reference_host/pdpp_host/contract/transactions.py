"""Units of work: whole or not at all, apart from each other, and no update lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pdpp_host.contract.case import StorageCase
from pdpp_host.contract.entries import AT, a_connection, a_run, batch, keys, read, refused, upsert, write
from pdpp_host.ports import Storage

PATIENCE_S = 30.0


class Transactions(StorageCase):
    """A unit is rolled back unless committed; a view is a snapshot; writers wait for each other."""

    def test_a_unit_is_rolled_back_unless_committed(self) -> None:
        """What a unit wrote is seen by itself alone, and gone when its block ends without commit."""
        with self.storage.write() as unit:
            unit.add_connection(a_connection())
            unit.write_records(batch(upsert("1")))
            assert unit.connections() == [a_connection()]
        with self.storage.read() as view:
            assert view.connections() == []
        assert read(self.storage) == []

    def test_a_unit_is_rolled_back_by_an_exception(self) -> None:
        """An exception in the block undoes what the unit wrote, and passes through."""
        try:
            with self.storage.write() as unit:
                unit.add_connection(a_connection())
                raise LookupError
        except LookupError:
            pass
        else:
            raise AssertionError("the exception did not pass through")
        with self.storage.read() as view:
            assert view.connections() == []

    def test_a_unit_that_failed_commits_nothing(self) -> None:
        """After a refusal the rest of the unit cannot be kept, not even by a commit."""
        with self.storage.write() as unit:
            unit.add_connection(a_connection())
            unit.add_run(a_run())
            with refused():
                unit.add_run(a_run())
            with refused():
                unit.commit()
        with self.storage.read() as view:
            assert view.connections() == []
            assert view.run("run-1") is None

    def test_a_unit_is_over_when_it_is_committed(self) -> None:
        """What is asked of a unit after its commit is refused, so that nothing is lost without a word."""
        with self.storage.write() as unit:
            unit.commit()
            with refused():
                unit.add_connection(a_connection())

    def test_what_is_committed_is_seen_at_once(self) -> None:
        """A snapshot that is opened after a commit shows it, in this storage and in another beside it."""
        with self.beside() as other:
            write(self.storage, upsert("1"))
            assert keys(self.storage) == keys(other) == ["1"]
            write(other, upsert("2"))
            assert keys(self.storage) == keys(other) == ["1", "2"]

    def test_what_is_not_committed_is_seen_by_nobody(self) -> None:
        """While a unit is open others read what was there before it, and do not wait for it."""
        write(self.storage, upsert("1"))
        with self.storage.write() as unit, self.beside() as other:
            unit.write_records(batch(upsert("2")))
            with ThreadPoolExecutor(2) as threads:
                seen = [threads.submit(keys, storage) for storage in (self.storage, other)]
                assert [each.result(PATIENCE_S) for each in seen] == [["1"], ["1"]]
            unit.commit()

    def test_a_view_is_one_snapshot(self) -> None:
        """What is committed after a view's first question does not show in its later ones."""
        with self.storage.read() as view:
            assert view.connections() == []
            with self.storage.write() as unit:
                unit.add_connection(a_connection())
                unit.commit()
            assert view.connection("con-1") is None
        with self.storage.read() as view:
            assert view.connection("con-1") == a_connection()

    def test_what_was_committed_is_there_after_closing(self) -> None:
        """A storage that is opened later has what an earlier one committed."""
        with self.beside() as other:
            write(other, upsert("1"))
        with self.beside() as other:
            assert keys(other) == ["1"]

    def test_concurrent_writers_lose_no_update(self) -> None:
        """Writers that read, add one and write back count every time, in one storage and in two."""
        with self.beside() as other, ThreadPoolExecutor(4) as threads:
            writers = [self.storage, other] * 2
            for done in [threads.submit(_count_up, storage, 10) for storage in writers]:
                done.result(PATIENCE_S)
        with self.storage.read() as view:
            assert view.stream_state("con-1", 0) == {"messages": {"n": 40}}

    def test_a_page_passes_over_nothing_that_comes_late(self) -> None:
        """Whoever pages while others write meets every record, whoever committed first."""
        with self.beside() as other, ThreadPoolExecutor(2) as threads:
            at_work = [
                threads.submit(_write_many, self.storage, "a"),
                threads.submit(_write_many, other, "b"),
            ]
            seen: list[str] = []
            after, over = 0, False
            while not over:
                over = all(each.done() for each in at_work)
                while page := read(self.storage, after=after, limit=7):
                    seen += [record.key for record in page]
                    after = page[-1].position
            for each in at_work:
                each.result()
        assert sorted(seen) == sorted(f"{name}{n}" for name in "ab" for n in range(60))


def _count_up(storage: Storage, times: int) -> None:
    for _ in range(times):
        with storage.write() as unit:
            cursor = unit.stream_state("con-1", 0).get("messages") or {"n": 0}
            unit.put_stream_state("con-1", 0, {"messages": {"n": cursor["n"] + 1}}, None, AT)
            unit.commit()


def _write_many(storage: Storage, name: str) -> None:
    for n in range(0, 60, 3):
        write(storage, *(upsert(f"{name}{n + more}") for more in range(3)))
