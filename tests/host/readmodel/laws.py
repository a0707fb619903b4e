"""Any history of a host, and what must hold of its read model after each step of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pdpp_host.compose import Host, compose, open_storage
from pdpp_host.domain.entities import Connector, Gap, RecordWrite, Run, SpineEvent
from pdpp_host.domain.evidence import Retained
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import Databases, RecordBatch, RunsQuery, SummaryQuery, Unit
from pdpp_host.readmodel.folding import fold
from pdpp_host.readmodel.keeping import Folded, keep, rows_of
from pdpp_host.readmodel.rebuilding import rebuild
from pdpp_host.runtime import holders
from pdpp_host.runtime.gaps import open_gaps
from pdpp_host.runtime.spine import happened
from pdpp_host.summaries.shapes import Summary
from pdpp_host.web import connections, scenes, stage, summaries
from pdpp_host.web.access import Tokens
from pdpp_host.web.calls import Call

from ..houses import AT, installed, manifest, stream

TOKENS = Tokens("owner", "stage")
ACCOUNTS = ("ana", "ben", "cem")
KEYS = ("key-1", "key-2")

places = st.integers(0, 4)
accounts = st.sampled_from(ACCOUNTS)
keys = st.sampled_from([None, *KEYS])
streams = st.sampled_from(["notes", "calls"])
names = st.sampled_from(["1", "2", "🙂"])
texts = st.sampled_from([None, "", "plain", "é", "🙂🙂"])
writes = st.lists(st.tuples(names, texts), max_size=4)
gaps = st.lists(
    st.builds(
        Gap, st.just("partition"), st.sampled_from("abc"), st.sampled_from(["recoverable", "transient"])
    ),
    max_size=3,
)
statuses = st.sampled_from(["completed", "completed", "failed", "cancelled", "surface_failed"])
surfaces = st.sampled_from(["waiting", "leased", "failed", "released"])
kept = st.sampled_from([True, True, True, False])


class Laws(RuleBasedStateMachine):
    """One host, its storage, and folds that somebody made and has not kept yet."""

    server: Databases | None = None

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="pdpp-laws-"))
        self.url = f"sqlite:///{self.home / 'host.db'}" if self.server is None else self.server.fresh()
        self.numbers, self.late, self.now = count(), tuple[Folded, ...](), AT
        self.living, self.dead = holders.enter(), holders.enter()
        holders.leave(self.dead)
        self.host: Host = self.opened()

    def opened(self) -> Host:
        """The host as a start finds it."""
        host = compose(installed(), open_storage(installed(), self.url), staged=True)
        host.services.clock.stop(self.now)
        return host

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
        self.write(lambda unit: unit.put_connector(Connector(declared, ("notes",))))

    @rule(account=accounts, key=keys)
    def connect(self, account: str, key: str | None) -> None:
        """Configure a connection; one whose profile key is another's is refused."""
        if len(self.ids()) < 5:
            self.ask(connections.configure, self.configuration(account, key))

    @rule(place=places, account=accounts, key=keys)
    def add_path(self, place: int, account: str, key: str | None) -> None:
        """Add a path, where a rule proves that it may be."""
        body = self.configuration(account, key)
        self.ask(connections.add_path, body, connection_id=self.at(place))

    @rule(install=st.booleans())
    def change_rules(self, install: bool) -> None:
        """Have a rule in force by which two accounts are one source, which links what there is; or not."""
        same = [{"account": f"acct:{account}"} for account in ACCOUNTS[:2]]
        body = {"install": {"name": "declared", "same_source": same}} if install else {"remove": "declared"}
        self.ask(stage.change_rules, body)

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
        written = tuple(
            RecordWrite(key, key, None if text is None else f'{{"id":"{key}","text":"{text}"}}', "")
            for key, text in records
        )
        batch = RecordBatch(self.at(place), path, name, f"batch{next(self.numbers)}", self.now, written, *how)
        self.write(lambda unit: unit.write_records(batch), kept)

    @rule(place=places, key=keys, kind=st.sampled_from(["whole", "narrowed", "import"]), dies=st.booleans())
    def start_run(self, place: int, key: str | None, kind: str, dies: bool) -> None:
        """Begin a run of a connection that no run holds; its host may be dead before it ends."""
        connection_id, name = self.at(place), f"run{next(self.numbers)}"

        def started(unit: Unit) -> None:
            if unit.take_lease(connection_id, name, self.dead if dies else self.living, self.now):
                run = Run(
                    name,
                    connection_id,
                    0,
                    f"of {name}",
                    "active",
                    {"streams": []},
                    kind == "narrowed",
                    self.now,
                )
                run = msgspec.structs.replace(run, profile_key=key, imported=kind == "import")
                unit.add_run(run)
                unit.append([happened(run, self.now, "run.started")])

        self.write(started)

    @rule(status=statuses, found=gaps, reason=st.sampled_from([None, "run_timed_out"]), kept=kept)
    def end_run(self, status: Any, found: list[Gap], reason: str | None, kept: bool) -> None:
        """End the oldest run that is under way; or crash before the commit."""

        def ended(unit: Unit) -> None:
            for lease in unit.leases()[:1]:
                run = unit.run(lease.run_id)
                assert run is not None
                done = msgspec.structs.replace(
                    run, status=status, finished_at=self.now, terminal_reason=reason, known_gaps=tuple(found)
                )
                unit.update_run(done)
                open_gaps(self.host.services, unit, done)
                unit.append([happened(done, self.now, f"run.{status}")])
                unit.release_lease(run.run_id)

        self.write(ended, kept)

    @rule()
    def recover(self) -> None:
        """End what dead hosts have left."""
        self.host.controller.recover()

    @rule(place=st.sampled_from([None, 0, 1, 2]), key=keys, status=statuses, found=gaps)
    def import_run(self, place: int | None, key: str | None, status: Any, found: list[Gap]) -> None:
        """A run from elsewhere: of a connection, of a key, of both though they contradict, or of nobody."""
        connection_id = "" if place is None else self.at(place)
        with self.host.services.storage.read() as view:
            if any(lease.connection_id == connection_id for lease in view.leases()):
                return
        more = {} if key is None else {"profile_key": key}
        body = {"status": status, "connection_id": connection_id, "known_gaps": found, **more}
        self.ask(scenes.add_runs, body)

    @rule(place=st.sampled_from([None, 0, 1, 2]), number=st.integers(0, 30), status=surfaces, kept=kept)
    def hear_of_a_surface(self, place: int | None, number: int, status: str, kept: bool) -> None:
        """A word on a connection's surface, or on nobody's; of a run, whoever it is of."""
        with self.host.services.storage.read() as view:
            runs = [run for each in ("", *self.ids()) for _, run in view.runs_of(RunsQuery(each))]
        run_id = runs[number].run_id if number < len(runs) else None
        source = "" if place is None else self.at(place)
        data = {"reason": f"because {status}"} if number % 2 else {}
        event = SpineEvent("connection", source, run_id, self.now, f"browser_surface.{status}", data)
        self.write(lambda unit: unit.append([event]), kept)

    @rule(place=places, body=st.sampled_from([{"display_name": "Ours"}, {"paused": True}, {"paused": False}]))
    def change(self, place: int, body: dict[str, Any]) -> None:
        """Rename a connection, pause it, go on."""
        self.ask(summaries.change_connection, body, connection_id=self.at(place))

    @rule(place=places, interval=st.sampled_from([None, 60, 3600]))
    def schedule(self, place: int, interval: int | None) -> None:
        """Set a schedule, or take it back."""
        self.ask(summaries.put_schedule, {"interval_seconds": interval}, connection_id=self.at(place))

    @rule(minutes=st.sampled_from([-10, 1, 100]))
    def move_the_clock(self, minutes: int) -> None:
        """Let time pass, or step back."""
        self.now += timedelta(minutes=minutes)
        self.host.services.clock.stop(self.now)

    @rule()
    def look(self) -> None:
        """Read the list: what is dirty is folded and kept."""
        self.listed()

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
        denied = self.listed()
        self.host.stage.denied = False
        assert denied == self.listed(), "a list that cannot keep its folds says something else"

    @rule()
    def crash(self) -> None:
        """Abandon a transaction in which everything was marked, counted and kept, and start again."""
        with self.host.services.storage.write() as unit:
            for connection_id in self.ids():
                unit.mark_dirty(connection_id)
                unit.put_retained(connection_id, [])
                unit.put_surface(connection_id, None)
        self.reopen()

    @rule()
    def settle(self) -> None:
        """In the end list, scoped reads, restarts and a rebuild all say the same."""
        before = self.listed()
        scoped = {each: self.scoped(each) for each in before}
        assert before == scoped, "the list and the scoped reads differ"
        self.check()
        self.host.controller.recover()
        before = self.listed()
        self.reopen()
        assert self.listed() == before, "a restart has changed what is told"
        assert list(rebuild(self.host.services)) == [], "what is maintained is not what is rebuilt"
        assert self.listed() == before, "a rebuild has changed what is told"

    @invariant()
    def check(self) -> None:
        """A row that is clean is what a fold would make now, and so again; its counts are exact."""
        services = self.host.services
        with services.storage.read() as view:
            for row in view.summary_rows(SummaryQuery()):
                counted = view.recounted(row.connection_id)
                told = tuple(Retained(each.stream, each.records, each.bytes) for each in counted)
                assert row.retained == told, "what is retained is not what is there"
                connection = view.connection(row.connection_id)
                assert connection is not None
                made = fold(services, view, connection)
                assert made == fold(services, view, connection)
                if not row.maintenance.dirty:
                    assert row.evidence == made, "a clean row is not what is there"

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.host.close()
            holders.leave(self.living)
            if self.server is not None:
                self.server.drop(self.url)
            shutil.rmtree(self.home)

    def reopen(self) -> None:
        """Close the host and start another one on the same database."""
        self.host.close()
        self.host = self.opened()

    def ids(self) -> list[str]:
        """The connections, oldest first."""
        with self.host.services.storage.read() as view:
            return [each.connection_id for each in view.connections()]

    def at(self, place: int) -> str:
        """A connection by its place, the last one where there are not so many."""
        ids = self.ids()
        return ids[min(place, len(ids) - 1)]

    def configuration(self, account: str, key: str | None) -> dict[str, Any]:
        more = {} if key is None else {"browser_profile_key": key}
        binding = {"account": f"acct:{account}"}
        return {"connector_key": "notes", "binding": binding, "method": "browser_polyfill", **more}

    def write(self, work: Callable[[Unit], object], kept: bool = True) -> None:
        """Do something in a unit of its own, which may be abandoned."""
        with self.host.services.storage.write() as unit:
            work(unit)
            if kept:
                unit.commit()

    def ask(self, function: Callable[[Call], Any], body: dict[str, Any], **path: str) -> None:
        """Ask the host as its routes do; what it refuses has changed nothing."""
        with suppress(RequestRefused):
            function(self.call({}, msgspec.json.encode(body), **path))

    def call(self, query: dict[str, str], body: bytes = b"", **path: str) -> Call:
        return Call(self.host, TOKENS.keys, TOKENS, path, query, body)

    def listed(self) -> dict[str, list[Any]]:
        """What the list tells of each connection."""
        call = self.call({})
        return {
            row.connection_id: shown(row)
            for row in summaries.list_connectors(call, summaries.look(call)).data
        }

    def scoped(self, connection_id: str) -> list[Any]:
        """The same of one connection, read on its own; its last success is the one that the runs tell."""
        [row] = summaries.one_connector(self.call({"connection": connection_id})).data
        last = None if row.last_success is None else row.last_success.run_id
        told = row.last_successful_run
        assert last == (None if told is None else told.run_id), "evidence and runs tell another success"
        return shown(row)


def shown(row: Summary) -> list[Any]:
    """The fields that every summary has."""
    return [getattr(row, name) for name in Summary.__struct_fields__]
