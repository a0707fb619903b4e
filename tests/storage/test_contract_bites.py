"""A third storage passes the contract; one that is wrong in one way fails it by name."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from pdpp_host.contract import SqlStorageContract, StorageContract
from pdpp_host.contract.running import outcomes
from pdpp_host.domain import entities
from pdpp_host.ports import Storage
from pdpp_plugins.storage import postgres, sqlite
from pdpp_plugins.storage.sql_storage import SqlStorage

from .memory import DATABASES, Database, Identity, MemoryStorage, Unit, View


class TestMemory(StorageContract):
    """The contract, kept in memory."""

    storage_type: type[MemoryStorage] = MemoryStorage

    def fresh(self) -> str:
        return f"memory://{uuid4().hex}"

    def open(self, url: str) -> Storage:
        return self.storage_type(url)

    def drop(self, url: str) -> None:
        del DATABASES[url]


class LosesRollback(Unit):
    """Writes to what everybody sees."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.state = database.state


class SharedCursors(View):
    """Reads cursors by path and stream, whatever the connection."""

    def stream_state(self, connection_id: str, path: int) -> dict[str, Any]:
        return super().stream_state("everyone", path)


class SharesCursors(SharedCursors, Unit):
    """Keeps them so."""

    def put_stream_state(
        self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
    ) -> None:
        super().put_stream_state("everyone", path, cursors, run_id, at)


class EarlierWins(Unit):
    """Leaves a record as it was first written."""

    def _put(self, identity: Identity, write: entities.RecordWrite, bit: int) -> entities.Counts:
        old = self.state.records.get(identity)
        if old is not None and old.write.data is not None and write.data is not None:
            write = copy(old.write)
        return super()._put(identity, write, bit)


class CursorFirst(Unit):
    """Commits cursors at once."""

    def put_stream_state(
        self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
    ) -> None:
        super().put_stream_state(connection_id, path, cursors, run_id, at)
        self.database.state.cursors.update(self.state.cursors)


def failed(contract: type[StorageContract]) -> dict[str, str]:
    """The names of the tests that a contract fails, with what they said."""
    return {name: str(error) for name, error in outcomes(contract) if error is not None}


@pytest.mark.parametrize(
    ("unit", "view", "caught"),
    [
        (LosesRollback, View, "test_a_unit_is_rolled_back_unless_committed"),
        (SharesCursors, SharedCursors, "test_cursors_belong_to_a_path"),
        (EarlierWins, View, "test_the_later_acknowledged_write_wins"),
        (CursorFirst, View, "test_a_cursor_is_never_ahead_of_its_records"),
    ],
)
def test_a_wrong_storage_fails_by_name(unit: type[Unit], view: type[View], caught: str) -> None:
    """Each mistake is caught by the test that is about it."""
    wrong = type("Wrong", (MemoryStorage,), {"unit": unit, "view": view})
    assert caught in failed(type("Contract", (TestMemory,), {"storage_type": wrong}))


def test_a_right_storage_fails_nothing() -> None:
    """Without pytest too the contract is passed by what keeps it."""
    assert failed(TestMemory) == {}


def _without_index(storage: SqlStorage, _: str) -> None:
    storage.drop_index("ix_spine_events_source_run")


def _with_invalid_index(_: SqlStorage, url: str) -> None:
    """Leave the index as CREATE INDEX CONCURRENTLY does when it fails."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_spine_events_source_run'::regclass"
        )


MISSED = "spine_events has no usable index over source_kind, source_id, run_id, occurred_at"


@pytest.mark.parametrize("kind", ["sqlite", "postgres", "postgres invalid"])
def test_an_index_that_is_missing_or_invalid_is_named(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A SQL storage without a hot-path index, or with one that the planner may not use, fails by name."""
    url = f"sqlite:///{tmp_path / 'host.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    spoil: Callable[[SqlStorage, str], None] = _with_invalid_index if "invalid" in kind else _without_index

    class Contract(SqlStorageContract):
        def fresh(self) -> str:
            return str(url)

        def open(self, url: str) -> Storage:
            storage = sqlite.open_storage(url) or postgres.open_storage(url)
            assert isinstance(storage, SqlStorage)
            spoil(storage, url)
            return storage

    case = Contract()
    with pytest.raises(AssertionError, match=MISSED):
        case.test_every_hot_path_has_a_usable_index()
    case.teardown_method()
