"""Storages that are without the index of a source's runs at some start, or have one of no use: CS-05."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import cast

from pdpp_host.domain.entities import SpineEvent
from pdpp_host.sql_port import SqlStorage
from pdpp_plugins.mutants.snapshots import Behind
from pdpp_plugins.mutants.storages import breaks, legal

NAME = "ix_spine_events_source_run"
_COLUMNS = "source_kind, source_id, run_id, occurred_at"
_OF_RUNS = "WHERE run_id IS NOT NULL"
_NEW, _OLD, _LOST = (
    f"a usable index of a source's runs {start}"
    for start in ("as new", "after an older revision", "after its indexes were lost")
)
_SCENARIOS = ("CS-05/any-sql", "CS-05.1")
Then = Callable[[SqlStorage, str | None], None]


class _Started(Behind):
    """A storage to which something happens at the end of each start, a step back aside."""

    def __init__(self, real: SqlStorage, then: Then, at_first: bool = True) -> None:
        super().__init__(real)
        self._then = then
        if at_first:
            then(real, None)

    def migrate(self) -> None:
        """Start, and let it happen; `then` is told the revision at which the database was."""
        before = self.real.revision()
        self.real.migrate()
        self._then(self.real, before)

    def step_back(self) -> None:
        """Back to the first revision, from a schema as it should be."""
        _drop(self.real, f"{NAME}_otherwise")
        self.real.migrate()
        self.real.step_back()


def _drop(storage: SqlStorage, name: str = NAME) -> None:
    if name in {index.name for table in storage.tables() for index in table.indexes}:
        storage.drop_index(name)


def _always(definition: str) -> Callable[[SqlStorage], SqlStorage]:
    """Storages in which another index stands in the place of the right one after each start."""

    def then(storage: SqlStorage, before: str | None) -> None:
        _drop(storage)
        _drop(storage, f"{NAME}_otherwise")
        storage.create(definition)

    return lambda storage: cast(SqlStorage, _Started(storage, then))


@breaks("CS-05.1/T1", _NEW)
@breaks("CS-05/any-sql/T1", _NEW)
@breaks("CS-05.1/T2", "as new")
@breaks("CS-05/any-sql/T2", "as new")
def made_by_upgrades_only(storage: SqlStorage) -> SqlStorage:
    """A step of the migrations makes the index, and a database that is made new has never seen that step."""

    def then(storage: SqlStorage, before: str | None) -> None:
        if before is None:
            _drop(storage)

    return cast(SqlStorage, _Started(storage, then))


@breaks("CS-05.1/T1", _OLD)
@breaks("CS-05/any-sql/T1", _OLD)
@breaks("CS-05.1/T2", "after an older revision")
@breaks("CS-05/any-sql/T2", "after an older revision")
def made_for_new_databases_only(storage: SqlStorage) -> SqlStorage:
    """The index is part of a new database and of no migration: what is upgraded goes without."""
    newest = storage.revision()

    def then(storage: SqlStorage, before: str | None) -> None:
        if before != newest:
            _drop(storage)

    return cast(SqlStorage, _Started(storage, then, at_first=False))


@breaks("CS-05.1/T1", _LOST)
@breaks("CS-05/any-sql/T1", _LOST)
@breaks("CS-05.1/T2", "after its indexes were lost")
@breaks("CS-05/any-sql/T2", "after its indexes were lost")
def never_made_again(storage: SqlStorage) -> SqlStorage:
    """A database at the newest revision is taken as it is, whatever it has lost."""
    newest = storage.revision()

    class Trusting(Behind):
        def migrate(self) -> None:
            """Nothing, at the newest revision."""
            if self.real.revision() != newest:
                self.real.migrate()

    return cast(SqlStorage, Trusting(storage))


@breaks("CS-05.1/T1", _NEW)
@breaks("CS-05/any-sql/T1", _NEW)
def leaves_the_source_out(storage: SqlStorage) -> SqlStorage:
    """The index has the kind of a source and not its id."""
    return _always(
        f"INDEX IF NOT EXISTS {NAME} ON spine_events (source_kind, run_id, occurred_at) {_OF_RUNS}"
    )(storage)


@breaks("CS-05.1/T1", _NEW)
@breaks("CS-05/any-sql/T1", _NEW)
def puts_the_run_first(storage: SqlStorage) -> SqlStorage:
    """The index has the right columns, and leads from a run to its source."""
    columns = "run_id, occurred_at, source_kind, source_id"
    return _always(f"INDEX IF NOT EXISTS {NAME} ON spine_events ({columns}) {_OF_RUNS}")(storage)


@breaks("CS-05.1/T1", _NEW)
@breaks("CS-05/any-sql/T1", _NEW)
def covers_ended_runs_only(storage: SqlStorage) -> SqlStorage:
    """The index has only events by which runs ended."""
    only = "WHERE event_type = 'run.completed'"
    return _always(f"INDEX IF NOT EXISTS {NAME} ON spine_events ({_COLUMNS}) {only}")(storage)


@breaks("CS-05.1/T1", _NEW)
@breaks("CS-05/any-sql/T1", _NEW)
def indexes_an_expression(storage: SqlStorage) -> SqlStorage:
    """The index has the id of a source in small letters, by which nobody asks."""
    columns = "source_kind, lower(source_id), run_id, occurred_at"
    return _always(f"INDEX IF NOT EXISTS {NAME} ON spine_events ({columns}) {_OF_RUNS}")(storage)


@breaks("CS-05.1/T2", "grouped through one of")
@breaks("CS-05/any-sql/T2", "grouped through one of")
def sorts_otherwise(storage: SqlStorage) -> SqlStorage:
    """The index sorts its words by another collation than the table, and no planner can take it."""
    words = '"und-x-icu"' if "postgres" in storage.claims else "NOCASE"
    columns = f"source_kind COLLATE {words}, source_id COLLATE {words}, run_id COLLATE {words}, occurred_at"
    return _always(f"INDEX IF NOT EXISTS {NAME} ON spine_events ({columns}) {_OF_RUNS}")(storage)


@breaks("CS-05.1/T1", _NEW)
def leaves_it_invalid(storage: SqlStorage) -> SqlStorage:
    """The index is made beside traffic, and stays behind INVALID when that breaks off."""

    def then(storage: SqlStorage, before: str | None) -> None:
        twice = SpineEvent("connection", "nobody", "run-0", datetime(2026, 1, 1, tzinfo=UTC), "run.started")
        with storage.write() as unit:
            unit.append([twice, twice])
            unit.commit()
        _drop(storage)
        # That two events are equal is what it breaks off for.
        with suppress(Exception):
            storage.create(f"UNIQUE INDEX CONCURRENTLY {NAME} ON spine_events ({_COLUMNS})")

    return cast(SqlStorage, _Started(storage, then))


@legal(*_SCENARIOS)
def names_it_otherwise(storage: SqlStorage) -> SqlStorage:
    """The index has another name."""
    return _always(f"INDEX {NAME}_otherwise ON spine_events ({_COLUMNS}) {_OF_RUNS}")(storage)


@legal(*_SCENARIOS)
def indexes_all_events(storage: SqlStorage) -> SqlStorage:
    """The index has the events of no run as well."""
    return _always(f"INDEX {NAME}_otherwise ON spine_events ({_COLUMNS})")(storage)


@legal(*_SCENARIOS)
def latest_first(storage: SqlStorage) -> SqlStorage:
    """The index has the latest events first."""
    columns = "source_kind, source_id, run_id, occurred_at DESC"
    return _always(f"INDEX {NAME}_otherwise ON spine_events ({columns}) {_OF_RUNS}")(storage)


@legal(*_SCENARIOS)
def orders_pairs_otherwise(storage: SqlStorage) -> SqlStorage:
    """The index has the id of a source before its kind."""
    columns = "source_id, source_kind, run_id, occurred_at"
    return _always(f"INDEX {NAME}_otherwise ON spine_events ({columns}) {_OF_RUNS}")(storage)


@legal(*_SCENARIOS)
def has_more_columns(storage: SqlStorage) -> SqlStorage:
    """The index has the type of an event as well, after the columns that it must have."""
    return _always(f"INDEX {NAME}_otherwise ON spine_events ({_COLUMNS}, event_type) {_OF_RUNS}")(storage)
