"""A fresh database for a test: a real file, or one of a real server that this session started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
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
def server() -> Iterator[Databases | str]:
    """PostgreSQL's databases, or why there are none."""
    try:
        databases = _databases()
    except StorageMissing as error:
        yield str(error)
        return
    yield databases
    databases.close()


def _databases() -> Databases:
    """As the plugin provides them, but owned by a superuser: tests spoil what a plain role may not touch."""
    if find_spec("psycopg") is None:
        raise StorageMissing("the extra postgres is not installed")
    from pdpp_plugins.storage.postgres_container import started
    from pdpp_plugins.storage.postgres_databases import PostgresDatabases

    named = os.environ.get("PDPP_POSTGRES_URL")
    if named:
        return PostgresDatabases(named, postgres.open_storage)
    container = started()
    return PostgresDatabases(container.url, postgres.open_storage, container.stop)


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
