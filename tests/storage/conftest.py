"""A fresh database for a test, in a real file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pdpp_plugins.storage.sqlite import SqliteStorage

from .builders import opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "host.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqliteStorage]:
    with opened(file) as storage:
        yield storage
