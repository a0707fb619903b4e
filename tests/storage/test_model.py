"""SQLite, PostgreSQL and a dictionary are driven by the same operations and must always say the same.

`PDPP_STEPS` is the number of steps in all (`make campaign` takes ten thousand). A difference is printed as
a program of operations that can be run as it stands.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec import structs

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
)
from pdpp_host.domain.entities import Gap
from pdpp_host.domain.evidence import EvidenceRow, RetainedRow
from pdpp_host.ports import (
    Databases,
    RecordBatch,
    RecordQuery,
    RunsQuery,
    Storage,
    StorageError,
    SummaryQuery,
    UnseenQuery,
)
from pdpp_plugins.storage import postgres, sqlite

from .builders import execute
from .memory import DATABASES, MemoryStorage, Unit

STEPS = int(os.environ.get("PDPP_STEPS", "250"))
IN_ONE_GO = 50

connections = st.sampled_from(["con-1", "con-2"])
streams = st.sampled_from(["messages", "calls"])
paths = st.integers(0, 2)
names = st.sampled_from(["1", "2", "3", "🙂", "it's"])
writes = st.lists(
    st.one_of(
        st.builds(lambda name, n: upsert(name, n=n), names, st.sampled_from([0, 1, "é", "🙂🙂"])),
        st.builds(delete, names),
    ),
    max_size=6,
)


keys = st.sampled_from([None, "key-1", "key-2"])
ends = st.sampled_from(["completed", "failed", "surface_failed"])
surfaces = st.sampled_from(["waiting", "failed", "no_such_thing"])
gaps = st.lists(
    st.builds(Gap, st.just("partition"), st.sampled_from("ab"), st.just("recoverable")), max_size=2
)


class Storages(RuleBasedStateMachine):
    """One database of each kind, on which the same is done."""

    server: Databases | None = None

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="pdpp-model-"))
        self.urls = {"memory": f"memory://{uuid4().hex}", "sqlite": f"sqlite:///{self.home / 'host.db'}"}
        if self.server is not None:
            self.urls["postgres"] = self.server.fresh()
        self.storages: dict[str, Storage] = {}
        self.begun = False

    @initialize()
    def start(self) -> None:
        self.storages = {kind: opened(url) for kind, url in self.urls.items()}
        if not self.begun:
            self.begun = True
            self.configure("con-1", 0)

    @rule(connection=connections, path=paths)
    def configure(self, connection: str, path: int) -> None:
        """Add a connection, or a path, where there is none: the second time is refused by all."""
        self.alike(lambda unit: unit.add_connection(a_connection(connection)))
        self.alike(lambda unit: unit.add_path(a_path(connection, path)))

    @rule(
        connection=connections,
        path=paths,
        stream=streams,
        records=writes,
        kept=st.booleans(),
        how=st.tuples(st.booleans(), st.booleans(), st.sampled_from(["bat-1", "bat-2"])),
    )
    def ingest(
        self,
        connection: str,
        path: int,
        stream: str,
        records: list[Any],
        kept: bool,
        how: tuple[bool, bool, str],
    ) -> None:
        """Write records and deletes, with a cursor beside them; or crash before the commit."""
        refreshing, outright, name = how

        def written(unit: Any) -> Any:
            unit.put_stream_state(connection, path, {stream: {"n": len(records)}}, None, AT)
            wanted = batch(*records, connection=connection, path=path, stream=stream, name=name)
            return unit.write_records(structs.replace(wanted, refreshing=refreshing, outright=outright))

        self.alike(written, kept)

    @rule(connection=connections, number=st.integers(0, 3), key=keys, kept=st.booleans())
    def run(self, connection: str, number: int, key: str | None, kept: bool) -> None:
        """Start a run where the lease is free, and tell the spine; or crash on the way."""
        name = f"run-{number}"

        def started(unit: Any) -> Any:
            taken = unit.take_lease(connection, name, "host", AT)
            if taken:
                unit.add_run(structs.replace(a_run(name, connection), profile_key=key))
                unit.append([an_event("run.started", name, connection)])
            return taken

        self.alike(started, kept)

    @rule(number=st.integers(0, 3), end=ends, found=gaps)
    def finish(self, number: int, end: Any, found: list[Gap]) -> None:
        """End a run, if it is there: its lease is given back, and what it did not collect stays open."""
        name = f"run-{number}"

        def finished(unit: Any) -> Any:
            run = unit.run(name)
            if run is not None:
                unit.update_run(structs.replace(run, status=end, known_gaps=tuple(found)))
                unit.put_open_gaps(run.connection_id, run.path, tuple(found))
            unit.append([an_event("run.completed", name)])
            unit.release_lease(name)

        self.alike(finished)

    @rule(connection=connections, number=st.integers(0, 3), status=surfaces, kept=st.booleans())
    def hear_of_a_surface(self, connection: str, number: int, status: str, kept: bool) -> None:
        """Tell of a browser surface, in the name of any run."""
        event = an_event(f"browser_surface.{status}", f"run-{number}", connection)
        self.alike(lambda unit: unit.append([event]), kept)

    @rule(connection=connections, key=keys, interval=st.sampled_from([None, 60, 3600]), kept=st.booleans())
    def arrange(self, connection: str, key: str | None, interval: int | None, kept: bool) -> None:
        """Set a schedule, or take it back, and bind a key if nobody has it."""

        def arranged(unit: Any) -> Any:
            unit.put_schedule(connection, interval)
            return None if key is None else unit.bind_profile_key(key, connection)

        self.alike(arranged, kept)

    @rule(
        connection=connections, what=st.sampled_from(["rename", "connector", "surface", "retained", "mark"])
    )
    def change(self, connection: str, what: str) -> None:
        """Change what a summary tells, or say that it has changed."""

        def changed(unit: Any) -> None:
            if what == "rename":
                unit.update_connection(a_connection(connection, shown="Ours"))
            elif what == "connector":
                unit.put_connector(a_connector("folder", f"of {connection}"))
            elif what == "surface":
                unit.put_surface(connection, None)
            elif what == "retained":
                unit.put_retained(connection, [RetainedRow("messages", 7, 70, AT)])
                unit.put_retained(connection, unit.recounted(connection))
            unit.mark_dirty(connection)

        self.alike(changed)

    @rule(
        connection=connections,
        late=st.booleans(),
        failed=st.sampled_from([None, "broken"]),
        kept=st.booleans(),
    )
    def reconcile(self, connection: str, late: bool, failed: str | None, kept: bool) -> None:
        """Keep a fold; one that comes after another change is refused, one that is not committed is gone."""
        fold = a_fold(connection, "as folded")

        def folded(unit: Any) -> Any:
            standing = [row.maintenance.version for row in unit.summary_rows(SummaryQuery(connection))]
            return [unit.keep_fold(connection, fold, n - late, failed) for n in standing]

        self.alike(folded, kept)

    @rule()
    def try_in_vain(self) -> None:
        """While one writes nobody else gets to write who does not wait."""
        for storage in self.storages.values():
            with storage.write(), storage.try_write() as unit:
                assert unit is None

    @rule(stream=streams)
    def fail_in_the_middle(self, stream: str) -> None:
        """Ask for what is refused after something that is not: all of it is gone."""

        def refused(unit: Any) -> None:
            unit.write_records(batch(upsert("1", n=9), stream=stream))
            unit.add_run(a_run("run-x"))
            unit.add_run(a_run("run-x"))

        self.alike(refused)

    @rule()
    def restart(self) -> None:
        """Close every storage and open it again."""
        for storage in self.storages.values():
            storage.close()
        self.start()

    @rule(
        index=st.sampled_from(["ix_records_live_seen", "ix_spine_events_run", "ix_spine_events_source_run"])
    )
    def migrate_back(self, index: str) -> None:
        """Lose an index; the next start makes it anew."""
        for kind, storage in self.storages.items():
            if kind != "memory":
                execute(storage, f"DROP INDEX {index}")  # type: ignore[arg-type]
        self.restart()

    @invariant()
    def say_the_same(self) -> None:
        """Every question has one answer."""
        answers = {kind: told(storage) for kind, storage in self.storages.items()}
        for kind, answer in answers.items():
            assert answer == answers["memory"], f"{kind} says something else than the dictionary"

    def alike(self, work: Any, kept: bool = True) -> None:
        """Do the same in one unit of each storage; all give the same result, or all refuse."""
        results = {}
        for kind, storage in self.storages.items():
            try:
                with storage.write() as unit:
                    results[kind] = work(unit)
                    if kept:
                        unit.commit()
            except StorageError:
                results[kind] = "refused"
        assert len({str(result) for result in results.values()}) <= 1, results

    def teardown(self) -> None:
        for storage in self.storages.values():
            storage.close()
        if self.server is not None:
            self.server.drop(self.urls["postgres"])
        DATABASES.pop(self.urls["memory"], None)
        shutil.rmtree(self.home)


def opened(url: str) -> Storage:
    """The storage behind a URL of any of the three kinds."""
    found = sqlite.open_storage(url) or postgres.open_storage(url)
    return found or MemoryStorage(url)


def told(storage: Storage) -> list[Any]:
    """All that a storage says, but for positions: those need only be in the same order."""
    both = ["con-1", "con-2"]
    with storage.read() as view:
        live = [
            [(r.connection_id, r.key, r.data, r.emitted_at) for r in view.records(RecordQuery(s, (*both,)))]
            for s in ("messages", "calls")
        ]
        return [
            live,
            view.connections(),
            [view.paths(connection) for connection in both],
            view.streams(both),
            [view.stream_state(connection, path) for connection in both for path in range(3)],
            [(view.run(f"run-{n}"), view.timeline(f"run-{n}")) for n in (0, 1, 2, 3, "x")],
            view.leases(),
            [(view.evidence(connection), view.batches(connection)) for connection in both],
            [_unseen(view, connection) for connection in both],
            _rows(view, both),
            [_maintained(view, connection) for connection in both],
            [view.bound_to(key) for key in ("key-1", "key-2", "nobody's")],
        ]


def _rows(view: Any, both: list[str]) -> list[EvidenceRow]:
    """The rows of the read model: one by one and all at once they are the same."""
    every: list[EvidenceRow] = view.summary_rows(SummaryQuery())
    assert [row for each in both for row in view.summary_rows(SummaryQuery(each))] == every
    return every


def _maintained(view: Any, connection: str) -> list[Any]:
    """What else a summary of a connection is made from."""
    asked = [RunsQuery(connection, keys, done) for keys, done in (((), True), (("key-1",), False))]
    return [
        view.open_gaps(connection),
        view.surface(connection),
        view.surface_events(connection),
        view.profile_keys(connection),
        view.schedule(connection),
        view.recounted(connection),
        [[run for _, run in view.runs_of(query)] for query in asked],
    ]


def _unseen(view: Any, connection: str) -> list[tuple[str, int]]:
    """What a batch has not met, without positions."""
    asked = UnseenQuery(connection, "messages", "bat-2")
    return [(record.key, record.seen_by) for record in view.unseen(asked)]


@pytest.mark.parametrize("kinds", ["without postgres", pytest.param("with postgres", marks=pytest.mark.long)])
def test_all_storages_say_the_same(
    kinds: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is done to them, SQLite, PostgreSQL and the dictionary answer every question alike."""
    if kinds == "with postgres":
        request.getfixturevalue("postgres_url")
        monkeypatch.setattr(Storages, "server", request.getfixturevalue("server"))
    drive(Storages)


class Forgetful(Unit):
    """Takes what one path says is gone for gone, whoever else has seen it."""

    def write_records(self, batch: RecordBatch) -> Any:
        return super().write_records(structs.replace(batch, outright=True))


class NeverDirty(Unit):
    """Has evidence as it was, whatever becomes of a browser surface."""

    def put_surface(self, connection_id: str, surface: Any) -> None:
        dirty = set(self.dirty)
        super().put_surface(connection_id, surface)
        self.dirty = dirty


class TakesLateFolds(Unit):
    """Keeps whatever was folded, however late."""

    def keep_fold(self, connection_id: str, fold: Any, version: int, failed: str | None) -> bool:
        standing = self.state.folds.get(connection_id)
        now = version if standing is None else standing.version
        return super().keep_fold(connection_id, fold, now, failed)


@pytest.mark.long
@pytest.mark.parametrize("wrong", [Forgetful, NeverDirty, TakesLateFolds])
def test_a_difference_is_found(wrong: type[Unit], monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that is wrong in one thing is told apart within the short budget."""
    monkeypatch.setattr(f"{__name__}.MemoryStorage", type("Wrong", (MemoryStorage,), {"unit": wrong}))
    with pytest.raises(AssertionError):
        drive(Storages, Phase.generate, times=6)


def drive(machine: type[Storages], *phases: Phase, times: int = 1) -> None:
    """Take the steps, the same ones each time; unless told otherwise make a difference small."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, times * STEPS // IN_ONE_GO),
            stateful_step_count=IN_ONE_GO,
            deadline=None,
            derandomize=True,
            phases=phases or tuple(Phase),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
