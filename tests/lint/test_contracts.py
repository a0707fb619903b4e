"""One breach of each import contract, planted in a copy, is named with its module and line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {"pdpp_tck": "steps", "pdpp_host": "reference_host", "pdpp_plugins": "plugins"}
# Contract, the module that breaks it, what it imports.
PLANTED = [
    ("kit and host are strangers", "pdpp_tck.subject", "pdpp_host.ports"),
    (
        "the monitor knows transcripts and nothing of how they came",
        "pdpp_tck.monitor.order",
        "pdpp_tck.evidence",
    ),
    ("nothing imports a plugin", "pdpp_host.compose", "pdpp_plugins.storage"),
    ("one plugin room never reads another", "pdpp_plugins.sources.folder", "pdpp_plugins.storage"),
    (
        "connectors, storage and identity know at most the host",
        "pdpp_plugins.storage.columns",
        "pdpp_tck.subject",
    ),
    ("sources and writers know only the kit", "pdpp_plugins.sources.mailbox", "pdpp_host.ports"),
    ("domain imports nothing of ours", "pdpp_host.domain.scope", "pdpp_host.ports"),
    ("web over runtime over domain", "pdpp_host.runtime.lines", "pdpp_host.web.errors"),
    ("artifacts know at most the domain", "pdpp_host.artifacts.limits", "pdpp_host.runtime.words"),
    ("summaries know at most the domain", "pdpp_host.summaries.shapes", "pdpp_host.runtime.words"),
    ("SQL lives in the storage plugins", "pdpp_host.runtime.words", "sqlalchemy"),
    ("the host does not know pytest", "pdpp_host.services", "pytest"),
]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy in which every contract is broken once."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package, room in ROOMS.items():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room / package, copy / room / package, ignore=ignored)
    for _, module, imported in PLANTED:
        file = copy / ROOMS[module.partition(".")[0]] / (module.replace(".", "/") + ".py")
        file.write_text(file.read_text() + f"\nimport {imported}\n")
    path = os.pathsep.join(str(copy / room) for room in ROOMS.values())
    tool = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(
        tool, cwd=copy, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_every_contract_has_its_breach() -> None:
    """A new contract wants a line above."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == {name for name, _, _ in PLANTED}


@pytest.mark.parametrize(("name", "module", "imported"), PLANTED)
def test_a_broken_contract_is_named(said: str, name: str, module: str, imported: str) -> None:
    """The contract, the module and the line of its import."""
    assert f"{name} BROKEN" in said
    told = said.partition(f"\n{name}\n")[2]
    file = ROOT / ROOMS[module.partition(".")[0]] / (module.replace(".", "/") + ".py")
    line = file.read_text().count("\n") + 2
    assert re.search(rf"{re.escape(module)} -> {re.escape(imported)}\S* \(l\.{line}\)", told), told[:800]
