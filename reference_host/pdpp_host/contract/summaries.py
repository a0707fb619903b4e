"""What summaries are made from: exact counts, marks of what has changed, folds that are kept or refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec

from pdpp_host.contract.case import StorageCase
from pdpp_host.contract.entries import (
    AT,
    a_connection,
    a_connector,
    a_fold,
    a_path,
    a_run,
    an_event,
    batch,
    delete,
    upsert,
    write,
)
from pdpp_host.domain.entities import Gap, RecordWrite
from pdpp_host.domain.evidence import EvidenceRow, Retained, SurfaceEvidence
from pdpp_host.ports import RunsQuery, Storage, SummaryQuery, Unit

PATIENCE_S = 30.0
AT_ONCE_S = 5.0


class Summarised(StorageCase):
    """Evidence rows that follow what is written, in the same transaction or not at all."""

    def test_retained_counts_are_exact(self) -> None:
        """Numbers and bytes of live records are right after every kind of write, in UTF-8."""
        self._make()
        for writes in (
            [upsert("1", t="é"), upsert("2", t="🙂"), upsert("2", t="🙂🙂")],
            [upsert("1", t="longer than before"), upsert("3")],
            [upsert("1", t="longer than before")],
            [delete("2"), delete("2"), delete("never there")],
            [upsert("2", t="back again: ü"), delete("3"), upsert("3", t="and back")],
            [delete("1"), delete("2"), delete("3")],
        ):
            write(self.storage, *writes)
            self._exact()
        assert self._row().retained == ()

    def test_withdrawn_evidence_counts_as_before(self) -> None:
        """A record that another path has seen too counts until nobody has, or it goes outright."""
        self._make()
        for path in (0, 1):
            write(self.storage, upsert("1", t="é"), upsert("2"), path=path)
        size = _bytes(upsert("1", t="é"), upsert("2"))
        write(self.storage, delete("1"), path=0)
        assert self._row().retained == (Retained("messages", 2, size),)
        write(self.storage, delete("1"), path=1)
        assert self._row().retained == (Retained("messages", 1, _bytes(upsert("2"))),)
        with self.storage.write() as unit:
            unit.write_records(msgspec.structs.replace(batch(delete("2")), outright=True))
            unit.commit()
        assert self._row().retained == ()
        self._exact()

    def test_streams_are_counted_apart(self) -> None:
        """Each stream of each connection has a row of its own, by the stream's name."""
        self._make("con-1", "con-2")
        write(self.storage, upsert("1"), stream="b")
        write(self.storage, upsert("1"), upsert("2"), stream="a")
        write(self.storage, upsert("1"), connection="con-2", stream="a")
        assert [(row.stream, row.records) for row in self._row().retained] == [("a", 2), ("b", 1)]
        assert [(row.stream, row.records) for row in self._row("con-2").retained] == [("a", 1)]

    def test_the_last_write_is_told(self) -> None:
        """A connection tells when something of it was last written; what changes nothing is no write."""
        self._make()
        assert self._row().last_record_at is None
        later = AT + timedelta(hours=1)
        for at, told in ((AT, AT), (later, AT)):
            with self.storage.write() as unit:
                unit.write_records(msgspec.structs.replace(batch(upsert("1")), written_at=at))
                unit.commit()
            assert self._row().last_record_at == told

    def test_counts_are_rolled_back_with_their_records(self) -> None:
        """What a unit that does not commit has counted is not counted."""
        self._make()
        write(self.storage, upsert("1"))
        before = self._row()
        with self.storage.write() as unit:
            unit.write_records(batch(upsert("1", t="é"), upsert("2")))
            assert [each.records for each in unit.summary_rows(SummaryQuery("con-1"))[0].retained] == [2]
        assert self._row() == before

    def test_every_change_marks_its_connection(self) -> None:
        """Whatever changes what a summary tells makes that row dirty, and no other connection's."""
        self._make("con-1", "con-2")
        keyed = msgspec.structs.replace(a_run("run-2", ""), profile_key="key-1")
        changes: dict[str, Callable[[Unit], object]] = {
            "a path": lambda unit: unit.add_path(a_path(ordinal=1)),
            "a connector": lambda unit: unit.put_connector(a_connector("folder", "another")),
            "a name": lambda unit: unit.update_connection(a_connection(shown="Ours")),
            "a run": lambda unit: unit.add_run(a_run()),
            "a run's end": lambda unit: unit.update_run(
                msgspec.structs.replace(a_run(), status="completed", finished_at=AT)
            ),
            "a key": lambda unit: unit.bind_profile_key("key-1", "con-1"),
            "a run by its key": lambda unit: unit.add_run(keyed),
            "the end of a run by its key": lambda unit: unit.update_run(
                msgspec.structs.replace(keyed, status="surface_failed")
            ),
            "a word on a surface": lambda unit: unit.append([an_event("browser_surface.waiting")]),
            "a word on the surface of a run by its key": lambda unit: unit.append(
                [an_event("browser_surface.failed", "run-2", "")]
            ),
            "a gap": lambda unit: unit.put_open_gaps("con-1", 0, (Gap("partition", "x", "recoverable"),)),
            "a schedule": lambda unit: unit.put_schedule("con-1", 60),
            "no schedule": lambda unit: unit.put_schedule("con-1", None),
            "a mark": lambda unit: unit.mark_dirty("con-1"),
        }
        with self.storage.write() as unit:
            unit.add_path(a_path())
            unit.commit()
        for name, change in changes.items():
            self._fold("con-1", "con-2")
            with self.storage.write() as unit:
                change(unit)
                unit.commit()
            assert self._row().maintenance.dirty, f"{name} leaves the evidence as it was"
            assert not self._row("con-2").maintenance.dirty, f"{name} concerns a sibling"

    def test_a_connector_that_stays_as_it_is_marks_nothing(self) -> None:
        """Registering the very same connector again, as each start of a host does, changes nothing."""
        self._make()
        for _ in range(2):
            with self.storage.write() as unit:
                unit.put_connector(a_connector())
                unit.commit()
            self._fold("con-1")
        with self.storage.write() as unit:
            unit.add_path(a_path())
            unit.commit()
        self._fold("con-1")
        with self.storage.write() as unit:
            unit.put_connector(a_connector())
            unit.commit()
        assert not self._row().maintenance.dirty

    def test_marks_are_rolled_back_with_what_they_mark(self) -> None:
        """A change that is not committed leaves no mark."""
        self._make()
        self._fold("con-1")
        with self.storage.write() as unit:
            unit.update_connection(a_connection(shown="Ours"))
        assert not self._row().maintenance.dirty

    def test_a_fold_is_kept(self) -> None:
        """What was folded at the version of the row is kept, and the row is clean; a bad one says why."""
        self._make()
        self._fold("con-1")
        row = self._row()
        assert (row.evidence, row.maintenance.dirty, row.maintenance.failed) == (a_fold(), False, None)
        with self.storage.write() as unit:
            assert unit.keep_fold("con-1", None, row.maintenance.version, "it is broken")
            unit.commit()
        assert self._row().maintenance.failed == "it is broken"

    def test_an_overtaken_fold_is_refused(self) -> None:
        """A fold of a version that has passed is not kept, whoever passed it, and the row stays dirty."""
        self._make()
        version = self._row().maintenance.version
        with self.beside() as other, other.write() as unit:
            unit.update_connection(a_connection(shown="Ours"))
            unit.commit()
        with self.storage.write() as unit:
            assert not unit.keep_fold("con-1", a_fold(), version, None)
            unit.commit()
        assert self._row().maintenance.dirty
        assert self._row().evidence is None

    def test_a_fold_that_is_not_committed_is_not_kept(self) -> None:
        """A fold is kept by the commit and not before."""
        self._make()
        with self.storage.write() as unit:
            assert unit.keep_fold("con-1", a_fold(), self._row().maintenance.version, None)
        assert self._row().maintenance.dirty

    def test_nobody_waits_who_only_tries(self) -> None:
        """While another writes, here or in another process, `try_write` gives None, and at once."""
        self._make()
        with self.beside() as other:
            for writer, trier in ((self.storage, self.storage), (other, self.storage), (self.storage, other)):
                with writer.write() as unit, ThreadPoolExecutor(1) as threads:
                    unit.mark_dirty("con-1")
                    assert threads.submit(_tried, trier).result(AT_ONCE_S) is False
            for trier in (self.storage, other):
                assert _tried(trier), "nobody writes and still it is None"

    def test_who_tries_keeps_what_was_committed_and_nothing_else(self) -> None:
        """A unit that was got by trying is as any other: committed it is kept, else it is gone."""
        self._make()
        for name, committed in (("Ours", True), ("Theirs", False)):
            with self.storage.try_write() as unit:
                assert unit is not None
                unit.update_connection(a_connection(shown=name))
                if committed:
                    unit.commit()
        with self.storage.read() as view:
            assert view.connection("con-1") == a_connection(shown="Ours")

    def test_writers_wait_for_who_tried(self) -> None:
        """Whoever writes waits for one that got to write by trying: no update is lost between them."""
        self._make()
        with self.beside() as other, ThreadPoolExecutor(1) as threads:
            with self.storage.try_write() as unit:
                assert unit is not None
                unit.put_schedule("con-1", 60)
                waiting = threads.submit(_add_a_minute, other)
                unit.commit()
            waiting.result(PATIENCE_S)
        with self.storage.read() as view:
            assert view.schedule("con-1") == 120

    def test_pages_of_rows(self) -> None:
        """Rows come in the order in which connections were made, each on one page, whatever its offset."""
        self._make("b", "a")
        with self.storage.write() as unit:
            unit.add_connection(a_connection("0", AT + timedelta(seconds=1)))
            unit.commit()
        for name in ("a", "0"):
            write(self.storage, upsert("1"), connection=name)
        with self.storage.read() as view:
            every = view.summary_rows(SummaryQuery())
            assert [row.connection_id for row in every] == ["a", "b", "0"]
            first = view.summary_rows(SummaryQuery(limit=2))
            assert first == every[:2]
            assert view.summary_rows(SummaryQuery(after=(AT, "b"), limit=2)) == every[2:]
            assert view.summary_rows(SummaryQuery("b")) == [every[1]]
            assert view.summary_rows(SummaryQuery("nobody")) == []

    def test_pages_of_runs(self) -> None:
        """Runs of a connection or of its keys come latest first, each on one page."""
        with self.storage.write() as unit:
            for n in range(7):
                run = a_run(f"run-{n}", "con-1" if n % 3 else "")
                run = msgspec.structs.replace(run, profile_key="key-1" if n % 2 == 0 else None)
                unit.add_run(msgspec.structs.replace(run, status="completed" if n < 3 else "failed"))
            unit.add_run(msgspec.structs.replace(a_run("run-x", "con-2"), profile_key="key-2"))
            unit.commit()
        assert self._pages(RunsQuery("con-1", limit=2)) == ["run-5", "run-4", "run-2", "run-1"]
        keyed = RunsQuery("con-1", ("key-1", "nobody's"), limit=3)
        assert self._pages(keyed) == ["run-6", "run-5", "run-4", "run-2", "run-1", "run-0"]
        succeeded = msgspec.structs.replace(keyed, succeeded=True, limit=1)
        assert self._pages(succeeded) == ["run-2", "run-1", "run-0"]

    def test_a_profile_key_is_bound_once(self) -> None:
        """A key stays with the connection that it was first bound to, whoever asks for it later."""
        self._make("con-1", "con-2")
        with self.storage.write() as unit:
            assert unit.bind_profile_key("key-1", "con-1")
            assert unit.bind_profile_key("key-0", "con-1")
            unit.commit()
        with self.beside() as other, other.write() as unit:
            assert not unit.bind_profile_key("key-1", "con-2")
            assert unit.bind_profile_key("key-1", "con-1")
            unit.commit()
        with self.storage.read() as view:
            assert view.profile_keys("con-1") == ("key-0", "key-1")
            assert view.profile_keys("con-2") == ()
            assert (view.bound_to("key-1"), view.bound_to("key-2")) == ("con-1", None)

    def test_gaps_are_replaced_path_by_path(self) -> None:
        """The open gaps of a path are those that were put last; other paths keep theirs."""
        one, two = Gap("partition", "é", "recoverable", partitions=("a",)), Gap("x", "y", "transient")
        with self.storage.write() as unit:
            for path, gaps in ((1, (two,)), (0, (one, two)), (0, (one,))):
                unit.put_open_gaps("con-1", path, gaps)
            unit.put_open_gaps("con-2", 0, (two,))
            unit.commit()
        with self.storage.read() as view:
            assert view.open_gaps("con-1") == [(0, (one,)), (1, (two,))]

    def test_the_last_word_on_a_surface_stands(self) -> None:
        """An event of a surface becomes what is known of it; events of others, and other events, do not."""
        told = msgspec.structs.replace(
            an_event("browser_surface.failed"), data={"reason": "login_wall", "profile_key": "key-1"}
        )
        ours = [an_event("browser_surface.waiting"), told]
        with self.storage.write() as unit:
            unit.append(
                [*ours, an_event("run.completed"), an_event("browser_surface.leased", "run-2", "con-2")]
            )
            unit.commit()
        with self.storage.read() as view:
            assert view.surface("con-1") == SurfaceEvidence("failed", AT, "login_wall", "key-1", "run-1")
            assert view.surface_events("con-1") == ours
            assert view.surface_events("", "run-1") == ours
        with self.storage.write() as unit:
            unit.put_surface("con-1", None)
            unit.commit()
        with self.storage.read() as view:
            assert view.surface("con-1") is None

    def test_a_schedule_is_the_last_one(self) -> None:
        """A schedule is replaced by the next one, and taken back by none."""
        for interval in (60, 3600, None, 60, None):
            with self.storage.write() as unit:
                unit.put_schedule("con-1", interval)
                unit.commit()
            with self.storage.read() as view:
                assert view.schedule("con-1") == interval

    def _make(self, *names: str) -> None:
        with self.storage.write() as unit:
            for name in names or ("con-1",):
                unit.add_connection(a_connection(name))
            unit.commit()

    def _row(self, name: str = "con-1") -> EvidenceRow:
        with self.storage.read() as view:
            [row] = view.summary_rows(SummaryQuery(name))
        return row

    def _fold(self, *names: str) -> None:
        with self.storage.write() as unit:
            for name in names:
                assert unit.keep_fold(name, a_fold(name), self._row(name).maintenance.version, None)
            unit.commit()

    def _exact(self) -> None:
        """What is maintained is what is counted."""
        with self.storage.read() as view:
            counted = view.recounted("con-1")
        assert self._row().retained == tuple(Retained(row.stream, row.records, row.bytes) for row in counted)

    def _pages(self, query: RunsQuery) -> list[str]:
        found: list[str] = []
        with self.storage.read() as view:
            while page := view.runs_of(query):
                assert len(page) <= query.limit
                found += [run.run_id for _, run in page]
                query = msgspec.structs.replace(query, before=page[-1][0])
        return found


def _bytes(*writes: RecordWrite) -> int:
    return sum(len((each.data or "").encode()) for each in writes)


def _tried(storage: Storage) -> bool:
    with storage.try_write() as unit:
        if unit is not None:
            unit.mark_dirty("con-1")
            unit.commit()
        return unit is not None


def _add_a_minute(storage: Storage) -> None:
    with storage.write() as unit:
        unit.put_schedule("con-1", (unit.schedule("con-1") or 0) + 60)
        unit.commit()
