"""The wheel, installed where no checkout is in sight."""

from __future__ import annotations

import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from installations import Installed, bare
from kit_runs import ROOT


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """`pip wheel . --no-deps`, then `pip install` into a new venv whose other packages are this one's."""
    home = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    built = bare(*pip, "wheel", ".", "--no-deps", "--no-build-isolation", "-w", str(home), cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = home.glob("*.whl")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home / "venv")}))
    before = {entry.name for entry in site.iterdir()}
    python = str(home / "venv" / "bin" / "python")
    done = bare(*pip, "--python", python, "install", "--no-deps", "--no-compile", str(wheel), cwd=home)
    assert done.returncode == 0, done.stderr
    brought = {entry.name for entry in site.iterdir()} - before
    # A path named in a .pth file is searched, but the .pth files in it, such as a checkout's, are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(home / "venv" / "bin", site, brought)
