"""A host on each storage, with two connections to search."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ...houses import House, manifest, stream
from ..storages import house_on
from .searching import SCHEMA


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A host on each storage."""
    with house_on(request, tmp_path) as house:
        yield house


@pytest.fixture
def mine(house: House) -> str:
    """A connection with a stream of notes and one of logs."""
    return house.connect(["x"], manifest(stream(schema=SCHEMA), stream("logs", schema=SCHEMA)))


@pytest.fixture
def other(house: House) -> str:
    """Another connection of the same connector."""
    return house.connect(["x"], manifest(stream(schema=SCHEMA), stream("logs", schema=SCHEMA)))
