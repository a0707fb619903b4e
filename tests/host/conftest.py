"""A host of a test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .houses import House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Every test of the host also proves that the host leaves no thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()]
    # The web server's worker threads belong to the server and wait to be used again.
    assert not [name for name in left if not name.startswith("AnyIO")]
