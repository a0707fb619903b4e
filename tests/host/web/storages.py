"""Hosts on the storage that a test names, where it is on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from parts import missing

from pdpp_host.ports import Databases

from ..houses import House, a_house


@contextmanager
def house_on(request: pytest.FixtureRequest, home: Path) -> Iterator[House]:
    """A host on the storage of the fixture's parameter, `sqlite` or `postgres`."""
    if request.param == "sqlite":
        with a_house(home) as house:
            yield house
        return
    databases: Databases | str = request.getfixturevalue("databases")
    if isinstance(databases, str):
        missing("postgres", databases)
    url = databases.fresh()
    try:
        with a_house(home, url=url) as house:
            yield house
    finally:
        databases.drop(url)
