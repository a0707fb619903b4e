"""A fresh database for a test: a real file, or one of a real server that this session started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from parts import missing

from pdpp_host.ports import Databases, StorageMissing
from pdpp_plugins.storage import postgres
from pdpp_plugins.storage.sql_storage import SqlStorage

from .builders import opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "host.db"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases | str]:
    """PostgreSQL's databases, or why there are none."""
    try:
        databases = postgres.provide_databases("postgres", tmp_path_factory.mktemp("databases"))
    except StorageMissing as error:
        yield str(error)
        return
    assert databases is not None
    yield databases
    databases.close()


@pytest.fixture
def postgres_url(server: Databases | str) -> Iterator[str]:
    """An empty database on a PostgreSQL server."""
    if isinstance(server, str):
        missing("postgres", server)
    url = server.fresh()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, file: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def storage(url: str) -> Iterator[SqlStorage]:
    with opened(url) as storage:
        yield storage
