"""Fixtures of the connector tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from folder_runs import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty source, with room beside it in tmp_path."""
    root = tmp_path / "source"
    root.mkdir()
    return Folder(root)
