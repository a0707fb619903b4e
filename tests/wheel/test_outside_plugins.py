"""Ten-line plugins of a stranger's, one for each hook, are accepted by mypy strict and by the loaders."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pdpp_host.hookspecs
import pdpp_host.plugins
import pdpp_tck.hookspecs
import pdpp_tck.plugins

ROOT = Path(__file__).parents[2]
OUTSIDE = ROOT / "tests" / "outside"
HOST = {"registers_a_connector": "register_connectors", "opens_a_storage": "open_storage"} | {
    "adapts_services": "adapt_services",
    "provides_databases": "provide_databases",
}
KIT = {
    "opens_a_subject": "open_subject",
    "registers_a_driver": "register_source_drivers",
    "reports_a_part": "report_parts",
}


def _hooks(module: object, mark: str) -> set[str]:
    return {name for name, value in vars(module).items() if hasattr(value, mark)}


def test_each_hook_has_its_plugin() -> None:
    """A new hook wants a file in tests/outside."""
    assert set(HOST.values()) == _hooks(pdpp_host.hookspecs, "pdpp_host_spec")
    assert set(KIT.values()) == _hooks(pdpp_tck.hookspecs, "pdpp_tck_spec")
    assert {file.stem for file in OUTSIDE.glob("*.py")} == {*HOST, *KIT}


def test_mypy_strict_takes_them() -> None:
    """As an author would run it, on the packages as they are installed; each is about ten lines long."""
    tool = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(OUTSIDE)]
    done = subprocess.run(tool, cwd=OUTSIDE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for file in OUTSIDE.glob("*.py"):
        assert len([line for line in file.read_text().splitlines() if line]) <= 12


@pytest.mark.parametrize("name", [*HOST, *KIT])
def test_the_loaders_take_them(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Loaded by name, as `--plugin` does."""
    monkeypatch.syspath_prepend(str(OUTSIDE))
    load = pdpp_host.plugins.load_plugins if name in HOST else pdpp_tck.plugins.load_plugins
    assert load([name]).has_plugin(name)
