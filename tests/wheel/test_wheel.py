"""The wheel, installed where no checkout is in sight, gives the same verdicts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SELECT = "PR-01.1,PR-02.2,PR-03,CP"


@dataclass(frozen=True)
class Installed:
    """A fresh environment with the wheel in it: its folder of programs, and what the wheel brought."""

    programs: Path
    brought: set[str]


def _run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`pip wheel . --no-deps`, then `pip install` into a new venv whose other packages are this one's."""
    home = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    built = _run(*pip, "wheel", ".", "--no-deps", "--no-build-isolation", "-w", str(home), cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = home.glob("*.whl")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home / "venv")}))
    before = {entry.name for entry in site.iterdir()}
    python = str(home / "venv" / "bin" / "python")
    done = _run(*pip, "--python", python, "install", "--no-deps", "--no-compile", str(wheel), cwd=home)
    assert done.returncode == 0, done.stderr
    brought = {entry.name for entry in site.iterdir()} - before
    # A path named in a .pth file is searched, but the .pth files in it, such as a checkout's, are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(home / "venv" / "bin", brought)


def test_what_an_installation_gains(installed: Installed) -> None:
    """Three packages and their metadata, nothing generic."""
    (info,) = [name for name in installed.brought if name.endswith(".dist-info")]
    assert info.startswith("pdpp_tck-")
    assert installed.brought - {info} == {"pdpp_tck", "pdpp_host", "pdpp_plugins"}


def test_the_same_verdicts_without_a_checkout(installed: Installed, tmp_path: Path) -> None:
    """Every scenario and clause of a selection, on every subject, from the wheel's own features."""
    options = ["run", "--format", "json", "--select", SELECT]
    theirs = _run(str(installed.programs / "pdpp-tck"), *options, cwd=tmp_path)
    ours = _run(str(Path(sys.executable).parent / "pdpp-tck"), *options, cwd=tmp_path)
    assert theirs.returncode == ours.returncode == 0, theirs.stderr
    assert _verdicts(theirs.stdout) == _verdicts(ours.stdout)
    where = "import pdpp_tck.features as f, pdpp_host; print(f.features_root(), pdpp_host.__file__)"
    told = _run(str(installed.programs / "python"), "-P", "-c", where, cwd=tmp_path).stdout
    assert str(ROOT) not in told
    assert told.count(str(installed.programs.parent)) == 2


def _verdicts(report: str) -> list[Any]:
    found = json.loads(report)["scenarios"]
    return [
        (one["id"], one["subject"]["name"], one["verdict"], [(c["id"], c["verdict"]) for c in one["clauses"]])
        for one in found
    ]


def test_the_types_and_the_extra_are_there(installed: Installed) -> None:
    """`py.typed` in each package, and the extra that Postgres wants."""
    site = next(installed.programs.parent.glob("lib/python*/site-packages"))
    for package in ("pdpp_tck", "pdpp_host", "pdpp_plugins"):
        assert (site / package / "py.typed").is_file()
    metadata = next(site.glob("pdpp_tck-*.dist-info/METADATA")).read_text()
    for wanted in ("psycopg", "testcontainers"):
        assert any(
            line.startswith(f"Requires-Dist: {wanted}") and "extra == 'postgres'" in line
            for line in metadata.splitlines()
        )
