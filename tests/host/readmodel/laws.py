"""Any history of a host, and what must hold of its read model after each step of it."""

from __future__ import annotations

import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pdpp_host.arguments import RunsQuery, SummaryQuery
from pdpp_host.compose import Host
from pdpp_host.domain.entities import Connector, Gap, SpineEvent
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.ports import Databases, Unit
from pdpp_host.readmodel.keeping import Folded, keep, rows_of
from pdpp_host.readmodel.rebuilding import rebuild
from pdpp_host.runtime import holders
from pdpp_host.runtime.gaps import open_gaps
from pdpp_host.runtime.spine import happened
from pdpp_host.web import connections, scenes, stage, summaries

from ..houses import manifest, stream
from .choices import ACCOUNTS, accounts, gaps, kept, keys, places, statuses, streams, surfaces, writes
from .entries import a_batch, a_run
from .exactness import exact
from .standing import Standing


class Laws(RuleBasedStateMachine):
    """One host, its storage, and folds that somebody made and has not kept yet."""

    server: Databases | None = None

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="pdpp-laws-"))
        self.url = f"sqlite:///{self.home / 'host.db'}" if self.server is None else self.server.fresh()
        self.numbers, self.late = count(), tuple[Folded, ...]()
        self.living, self.dead = holders.enter(), holders.enter()
        holders.leave(self.dead)
        self.standing = Standing(self.url)

    @property
    def host(self) -> Host:
        """The host as it was last opened."""
        return self.standing.host

    @initialize()
    def begin(self) -> None:
        """A connector, and two connections of it."""
        self.register(None)
        for account in ACCOUNTS[:2]:
            self.connect(account, None)

    @rule(staleness=st.sampled_from([None, 60, 3600]))
    def register(self, staleness: int | None) -> None:
        """Register the connector again, with another policy perhaps."""
        policy = {} if staleness is None else {"refresh_policy": {"maximum_staleness_seconds": staleness}}
        declared = parse_manifest(manifest(stream(), stream("calls")) | policy)
        self.standing.write(lambda unit: unit.put_connector(Connector(declared, ("notes",))))

    @rule(account=accounts, key=keys)
    def connect(self, account: str, key: str | None) -> None:
        """Configure a connection; one whose profile key is another's is refused."""
        if len(self.standing.ids()) < 5:
            self.standing.ask(connections.configure, self.standing.configuration(account, key))

    @rule(place=places, account=accounts, key=keys)
    def add_path(self, place: int, account: str, key: str | None) -> None:
        """Add a path, where a rule proves that it may be."""
        body = self.standing.configuration(account, key)
        self.standing.ask(connections.add_path, body, connection_id=self.standing.at(place))

    @rule(install=st.booleans())
    def change_rules(self, install: bool) -> None:
        """Have a rule in force by which two accounts are one source, which links what there is; or not."""
        same = [{"account": f"acct:{account}"} for account in ACCOUNTS[:2]]
        body = {"install": {"name": "declared", "same_source": same}} if install else {"remove": "declared"}
        self.standing.ask(stage.change_rules, body)

    @rule(
        place=places,
        path=st.integers(0, 1),
        name=streams,
        records=writes,
        how=st.tuples(st.booleans(), st.booleans()),
        kept=kept,
    )
    def ingest(
        self,
        place: int,
        path: int,
        name: str,
        records: list[tuple[str, str | None]],
        how: tuple[bool, bool],
        kept: bool,
    ) -> None:
        """Write and delete records; or crash before the commit."""
        number, now = next(self.numbers), self.standing.now
        batch = a_batch(self.standing.at(place), path, name, number, now, records, how)
        self.standing.write(lambda unit: unit.write_records(batch), kept)

    @rule(place=places, key=keys, kind=st.sampled_from(["whole", "narrowed", "import"]), dies=st.booleans())
    def start_run(self, place: int, key: str | None, kind: str, dies: bool) -> None:
        """Begin a run of a connection that no run holds; its host may be dead before it ends."""
        connection_id, name = self.standing.at(place), f"run{next(self.numbers)}"

        def started(unit: Unit) -> None:
            if unit.take_lease(connection_id, name, self.dead if dies else self.living, self.standing.now):
                run = a_run(name, connection_id, key, kind, self.standing.now)
                unit.add_run(run)
                unit.append([happened(run, self.standing.now, "run.started")])

        self.standing.write(started)

    @rule(status=statuses, found=gaps, reason=st.sampled_from([None, "run_timed_out"]), kept=kept)
    def end_run(self, status: Any, found: list[Gap], reason: str | None, kept: bool) -> None:
        """End the oldest run that is under way; or crash before the commit."""

        def ended(unit: Unit) -> None:
            for lease in unit.leases()[:1]:
                run = unit.run(lease.run_id)
                assert run is not None
                done = msgspec.structs.replace(
                    run,
                    status=status,
                    finished_at=self.standing.now,
                    terminal_reason=reason,
                    known_gaps=tuple(found),
                )
                unit.update_run(done)
                open_gaps(self.host.services, unit, done)
                unit.append([happened(done, self.standing.now, f"run.{status}")])
                unit.release_lease(run.run_id)

        self.standing.write(ended, kept)

    @rule()
    def recover(self) -> None:
        """End what dead hosts have left."""
        self.host.controller.recover()

    @rule(place=st.sampled_from([None, 0, 1, 2]), key=keys, status=statuses, found=gaps)
    def import_run(self, place: int | None, key: str | None, status: Any, found: list[Gap]) -> None:
        """A run from elsewhere: of a connection, of a key, of both though they contradict, or of nobody."""
        connection_id = "" if place is None else self.standing.at(place)
        with self.host.services.storage.read() as view:
            if any(lease.connection_id == connection_id for lease in view.leases()):
                return
        more = {} if key is None else {"profile_key": key}
        body = {"status": status, "connection_id": connection_id, "known_gaps": found, **more}
        self.standing.ask(scenes.add_runs, body)

    @rule(place=st.sampled_from([None, 0, 1, 2]), number=st.integers(0, 30), status=surfaces, kept=kept)
    def hear_of_a_surface(self, place: int | None, number: int, status: str, kept: bool) -> None:
        """A word on a connection's surface, or on nobody's; of a run, whoever it is of."""
        with self.host.services.storage.read() as view:
            runs = [run for each in ("", *self.standing.ids()) for _, run in view.runs_of(RunsQuery(each))]
        run_id = runs[number].run_id if number < len(runs) else None
        source = "" if place is None else self.standing.at(place)
        data = {"reason": f"because {status}"} if number % 2 else {}
        event = SpineEvent("connection", source, run_id, self.standing.now, f"browser_surface.{status}", data)
        self.standing.write(lambda unit: unit.append([event]), kept)

    @rule(place=places, body=st.sampled_from([{"display_name": "Ours"}, {"paused": True}, {"paused": False}]))
    def change(self, place: int, body: dict[str, Any]) -> None:
        """Rename a connection, pause it, go on."""
        self.standing.ask(summaries.change_connection, body, connection_id=self.standing.at(place))

    @rule(place=places, interval=st.sampled_from([None, 60, 3600]))
    def schedule(self, place: int, interval: int | None) -> None:
        """Set a schedule, or take it back."""
        self.standing.ask(
            summaries.put_schedule, {"interval_seconds": interval}, connection_id=self.standing.at(place)
        )

    @rule(minutes=st.sampled_from([-10, 1, 100]))
    def move_the_clock(self, minutes: int) -> None:
        """Let time pass, or step back."""
        self.standing.move(minutes)

    @rule()
    def look(self) -> None:
        """Read the list: what is dirty is folded and kept."""
        self.standing.listed()

    @rule()
    def fold_and_wait(self) -> None:
        """Fold what is dirty, and keep it later, or never."""
        with self.host.services.storage.read() as view:
            _, self.late = rows_of(self.host.services, view, SummaryQuery())

    @precondition(lambda self: bool(self.late))
    @rule()
    def keep_late(self) -> None:
        """Keep what was folded then, whatever has happened since."""
        keep(self.host.services, self.late)

    @rule()
    def look_in_vain(self) -> None:
        """Read while nothing can be written: the same is told, and nothing is kept."""
        assert self.host.stage is not None
        self.host.stage.denied = True
        denied = self.standing.listed()
        self.host.stage.denied = False
        assert denied == self.standing.listed(), "a list that cannot keep its folds says something else"

    @rule()
    def crash(self) -> None:
        """Abandon a transaction in which everything was marked, counted and kept, and start again."""
        with self.host.services.storage.write() as unit:
            for connection_id in self.standing.ids():
                unit.mark_dirty(connection_id)
                unit.put_retained(connection_id, [])
                unit.put_surface(connection_id, None)
        self.standing.reopen()

    @rule()
    def settle(self) -> None:
        """In the end list, scoped reads, restarts and a rebuild all say the same."""
        before = self.standing.listed()
        scoped = {each: self.standing.scoped(each) for each in before}
        assert before == scoped, "the list and the scoped reads differ"
        self.check()
        self.host.controller.recover()
        before = self.standing.listed()
        self.standing.reopen()
        assert self.standing.listed() == before, "a restart has changed what is told"
        assert list(rebuild(self.host.services)) == [], "what is maintained is not what is rebuilt"
        assert self.standing.listed() == before, "a rebuild has changed what is told"

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.host.close()
            holders.leave(self.living)
            if self.server is not None:
                self.server.drop(self.url)
            shutil.rmtree(self.home)

    @invariant()
    def check(self) -> None:
        """What is maintained is what is there."""
        exact(self.host.services)
