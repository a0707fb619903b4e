"""A copy of the folder to spoil, and one run of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from author_folder import DISCREET, OWN, Problems
from kit_runs import Ran, once

from pdpp_tck.assembly import read_requirements
from pdpp_tck.options import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the folder, to spoil."""
    return Path(shutil.copytree(DISCREET, tmp_path / "discreet"))


@pytest.fixture
def spoilt(folder: Path) -> Problems:
    """`spoilt(file, old, new)`: what is said of the folder with this change, and nothing at all is run."""

    def say(file: str, old: str, new: str) -> str:
        path = folder / file
        text = path.read_text() if path.exists() else ""
        assert old in text
        path.write_text(text.replace(old, new, 1) if old else new)
        with pytest.raises(UsageError) as refused:
            read_requirements(folder)
        return str(refused.value).replace(f"{folder}/", "")

    return say


@pytest.fixture
def reported(shared: Path) -> Ran:
    """One run of the folder's scenario and one of ours, with its report."""
    options = (
        "--features",
        str(DISCREET),
        "--select",
        f"{OWN},PR-03.3",
        "--report",
        "out",
    )
    return once(shared, "discreet", ("run", *options))
