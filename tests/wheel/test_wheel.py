"""The wheel, installed where no checkout is in sight, gives the same verdicts."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from installations import Installed, bare
from kit_runs import ROOT, WHOLE, Ran, started

PACKAGES = ("pdpp_tck", "pdpp_host", "pdpp_plugins")


def test_what_an_installation_gains(installed: Installed) -> None:
    """Three packages and their metadata, nothing generic."""
    (info,) = [name for name in installed.brought if name.endswith(".dist-info")]
    assert info.startswith("pdpp_tck-")
    assert installed.brought - {info} == {"pdpp_tck", "pdpp_host", "pdpp_plugins"}


@pytest.mark.long
def test_the_same_verdicts_without_a_checkout(installed: Installed, whole: Ran, tmp_path: Path) -> None:
    """Every scenario and clause of a whole run, on every subject, from the wheel's own features."""
    theirs = started(WHOLE, tmp_path, kit=installed.programs / "pdpp-tck")
    assert theirs.status == whole.status == 0, theirs.err
    assert _verdicts(theirs) == _verdicts(whole)
    where = "import pdpp_tck.features as f, pdpp_host; print(f.features_root(), pdpp_host.__file__)"
    told = bare(str(installed.programs / "python"), "-P", "-c", where, cwd=tmp_path).stdout
    assert str(ROOT) not in told
    assert told.count(str(installed.programs.parent)) == 2


def _verdicts(ran: Ran) -> list[Any]:
    return [
        (one["id"], one["subject"], one["verdict"], [(c["id"], c["verdict"]) for c in one["clauses"]])
        for one in ran.report["scenarios"]
    ]


@pytest.mark.long
def test_all_that_is_imported_is_declared(installed: Installed) -> None:
    """Each third-party import of the packages belongs to a distribution that the wheel requires."""
    required = {
        _normal(re.split(r"[^\w.-]", line.removeprefix("Requires-Dist: "))[0])
        for line in _metadata(installed).splitlines()
        if line.startswith("Requires-Dist: ") and "extra == 'dev'" not in line
    }
    owners = packages_distributions()
    imported = {name: file for file in _files(installed) for name in _imported(file)}
    undeclared = {
        name: str(file)
        for name, file in imported.items()
        if not {_normal(owner) for owner in owners.get(name, ())} & required
    }
    assert undeclared == {}
    assert {"pytest", "starlette", "psycopg"} <= imported.keys()


def _files(installed: Installed) -> list[Path]:
    return [file for package in PACKAGES for file in (installed.site / package).rglob("*.py")]


def _imported(file: Path) -> set[str]:
    """The top-level names of other people's that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names} - {*sys.stdlib_module_names, *PACKAGES}


def _metadata(installed: Installed) -> str:
    return next(installed.site.glob("pdpp_tck-*.dist-info/METADATA")).read_text()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_types_and_the_extra_are_there(installed: Installed) -> None:
    """`py.typed` in each package, and the extra that Postgres wants."""
    for package in PACKAGES:
        assert (installed.site / package / "py.typed").is_file()
    metadata = _metadata(installed)
    for wanted in ("psycopg", "testcontainers", "docker"):
        assert any(
            line.startswith(f"Requires-Dist: {wanted}") and "extra == 'postgres'" in line
            for line in metadata.splitlines()
        )
