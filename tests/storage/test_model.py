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

from pdpp_host.contract.entries import AT, a_connection, a_path, a_run, an_event, batch, delete, upsert
from pdpp_host.ports import Databases, RecordBatch, RecordQuery, Storage, StorageError, UnseenQuery
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
        st.builds(lambda name, n: upsert(name, n=n), names, st.integers(0, 2)),
        st.builds(delete, names),
    ),
    max_size=6,
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

    @initialize()
    def start(self) -> None:
        self.storages = {kind: opened(url) for kind, url in self.urls.items()}

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

    @rule(connection=connections, number=st.integers(0, 3), kept=st.booleans())
    def run(self, connection: str, number: int, kept: bool) -> None:
        """Start a run where the lease is free, and tell the spine; or crash on the way."""
        name = f"run-{number}"

        def started(unit: Any) -> Any:
            taken = unit.take_lease(connection, name, "host", AT)
            if taken:
                unit.add_run(a_run(name, connection))
                unit.append([an_event("run.started", name, connection)])
            return taken

        self.alike(started, kept)

    @rule(number=st.integers(0, 3))
    def finish(self, number: int) -> None:
        """End a run: its lease is given back."""
        name = f"run-{number}"
        self.alike(lambda unit: (unit.release_lease(name), unit.append([an_event("run.completed", name)]))[0])

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
        ]


def _unseen(view: Any, connection: str) -> list[tuple[str, int]]:
    """What a batch has not met, without positions."""
    asked = UnseenQuery(connection, "messages", "bat-2")
    return [(record.key, record.seen_by) for record in view.unseen(asked)]


@pytest.mark.parametrize("kinds", ["without postgres", "with postgres"])
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


class ForgetfulStorage(MemoryStorage):
    """A dictionary that is wrong in one thing."""

    unit = Forgetful


def test_a_difference_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that is wrong in one thing is told apart within the short budget."""
    monkeypatch.setattr(f"{__name__}.MemoryStorage", ForgetfulStorage)
    with pytest.raises(AssertionError):
        drive(Storages, Phase.generate)


def drive(machine: type[Storages], *phases: Phase) -> None:
    """Take the steps, the same ones each time; unless told otherwise make a difference small."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, STEPS // IN_ONE_GO),
            stateful_step_count=IN_ONE_GO,
            deadline=None,
            derandomize=True,
            phases=phases or tuple(Phase),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
