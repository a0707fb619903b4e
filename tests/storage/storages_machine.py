"""One database of each kind, on which any operations are done in any order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import structs

from pdpp_host.arguments import SummaryQuery
from pdpp_host.contract.entries import (
    AT,
    a_connection,
    a_connector,
    a_fold,
    a_path,
    a_run,
    an_event,
    batch,
    upsert,
)
from pdpp_host.domain.entities import Gap
from pdpp_host.domain.evidence import RetainedRow
from pdpp_host.ports import Databases, Storage, StorageError
from pdpp_plugins.storage import postgres, sqlite

from .answers import told
from .builders import execute
from .choices import connections, ends, gaps, keys, paths, streams, surfaces, writes
from .memory import DATABASES, MemoryStorage


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
