"""What lists of summaries and deep reads are made from."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from pdpp_host.arguments import RunsQuery, SummaryQuery
from pdpp_host.contract.entries import (
    AT,
    a_connection,
    a_run,
    an_event,
    upsert,
    write,
)
from pdpp_host.contract.evidence import EvidenceCase
from pdpp_host.domain.entities import Gap
from pdpp_host.domain.evidence import SurfaceEvidence


class Summarised(EvidenceCase):
    """Pages of rows and runs, and what is written beside records."""

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

    def _pages(self, query: RunsQuery) -> list[str]:
        found: list[str] = []
        with self.storage.read() as view:
            while page := view.runs_of(query):
                assert len(page) <= query.limit
                found += [run.run_id for _, run in page]
                query = msgspec.structs.replace(query, before=page[-1][0])
        return found
