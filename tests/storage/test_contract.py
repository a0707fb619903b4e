"""SQLite and PostgreSQL keep the contract, and their schemas are one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdpp_host.contract import SqlStorageContract
from pdpp_host.contract.odd_values import ODD
from pdpp_host.ports import Storage
from pdpp_plugins.storage import postgres, sqlite

from .builders import opened


class TestSqlite(SqlStorageContract):
    """The contract, kept by files."""

    @pytest.fixture(autouse=True)
    def _in(self, tmp_path: Path) -> None:
        self._file = tmp_path / "host.db"

    def fresh(self) -> str:
        return f"sqlite:///{self._file}"

    def open(self, url: str) -> Storage:
        storage = sqlite.open_storage(url)
        assert storage is not None
        return storage


class TestPostgres(SqlStorageContract):
    """The contract, kept by a server."""

    @pytest.fixture(autouse=True)
    def _at(self, postgres_url: str) -> None:
        self._url = postgres_url

    def fresh(self) -> str:
        return self._url

    def open(self, url: str) -> Storage:
        storage = postgres.open_storage(url)
        assert storage is not None
        return storage


def test_the_schemas_are_one(file: Path, postgres_url: str) -> None:
    """Reflected through one mapping, tables, columns, keys and indexes are equal on both databases."""
    with opened(file) as ours, opened(postgres_url) as theirs:
        assert ours.tables() == theirs.tables()
        assert len(ours.tables()) == 18


def test_odd_values_are_answered_alike(file: Path, postgres_url: str) -> None:
    """What one database refuses the other refuses in the same words, but for its own name."""
    answers: list[dict[str, str | None]] = []
    for where in (file, postgres_url):
        with opened(where) as storage:
            case = TestSqlite()
            case._opened = ("", storage)
            named = {name: case.outcome(odd, f"con-{n}") for n, (name, odd) in enumerate(ODD.items())}
        answers.append({name: said and said.partition("refused: ")[2] for name, said in named.items()})
    assert answers[0] == answers[1]
    assert {name for name, said in answers[0].items() if said} == {
        "a NUL in a key",
        "an escaped lone surrogate in data",
        "a lone surrogate in a key",
        "five thousand levels",
        "an identity of three kilobytes",
    }


def test_a_plugin_without_databases_says_so() -> None:
    """An author who forgot to say where databases are is told, not passed."""
    with pytest.raises(NotImplementedError, match="say in your subclass"):
        assert SqlStorageContract().storage
