"""A host of a test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdpp_host.compose import provide_databases
from pdpp_host.plugins import load_plugins
from pdpp_host.ports import Databases, StorageMissing

from .houses import House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases | str]:
    """PostgreSQL's databases, or why there are none."""
    try:
        found = provide_databases(load_plugins(), "postgres", tmp_path_factory.mktemp("databases"))
    except StorageMissing as error:
        yield str(error)
        return
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Every test of the host also proves that the host leaves no thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()]
    # The web server's worker threads belong to the server and wait to be used again.
    assert not [name for name in left if not name.startswith("AnyIO")]
