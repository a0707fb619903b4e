"""Ten-line plugins of a stranger's, one for each hook: mypy strict takes them, and each hook is called."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any, cast

import pluggy
import pytest
from installations import Installed, bare
from kit_runs import ROOT

import pdpp_host.hookspecs
import pdpp_host.plugins
import pdpp_tck.hookspecs
import pdpp_tck.plugins
from pdpp_host.compose import adapted, open_storage, provide_databases
from pdpp_host.plugins import registered_connectors, registered_rules
from pdpp_host.ports import Storage, StorageError, StorageMissing
from pdpp_host.services import Clock, Services
from pdpp_tck.falsify.declared import Mutant
from pdpp_tck.falsify.trials import declared
from pdpp_tck.plugins import open_host, source_drivers
from pdpp_tck.reports.writing import report_writers
from pdpp_tck.subject import HostWanted, SubjectError

PACKAGES = ("pdpp_tck", "pdpp_host", "pdpp_plugins")
OUTSIDE = ROOT / "tests" / "outside"
HOST = {
    "registers_a_connector": "register_connectors",
    "registers_a_rule": "register_identity_rules",
    "opens_a_storage": "open_storage",
    "provides_databases": "provide_databases",
    "adapts_services": "adapt_services",
}
KIT = {
    "opens_a_subject": "open_subject",
    "registers_a_driver": "register_source_drivers",
    "reports_a_part": "report_parts",
    "writes_a_report": "register_report_writers",
    "declares_a_mutant": "register_mutants",
    "declares_a_variant": "register_variants",
}


def _hooks(module: object, mark: str) -> set[str]:
    return {name for name, value in vars(module).items() if hasattr(value, mark)}


def test_each_hook_has_its_plugin() -> None:
    """A new hook wants a file in tests/outside."""
    assert set(HOST.values()) == _hooks(pdpp_host.hookspecs, "pdpp_host_spec")
    assert set(KIT.values()) == _hooks(pdpp_tck.hookspecs, "pdpp_tck_spec")
    assert {file.stem for file in OUTSIDE.glob("*.py")} == {*HOST, *KIT}


@pytest.mark.long
def test_mypy_strict_takes_them(installed: Installed, tmp_path: Path) -> None:
    """As an author would run it, on the wheel as it is installed; each is about ten lines long."""
    shutil.copytree(OUTSIDE, tmp_path / "outside", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    tool = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary", "--verbose"]
    tool += ["--cache-dir", str(ROOT / ".mypy_cache" / "outside")]
    done = bare(*tool, "--python-executable", str(installed.programs / "python"), "outside", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    read = set(re.findall(r"\S+/pdpp_(?:tck|host|plugins)/__init__\.py", done.stderr))
    assert read == {str(installed.site / package / "__init__.py") for package in PACKAGES}
    for file in OUTSIDE.glob("*.py"):
        assert len([line for line in file.read_text().splitlines() if line]) <= 12


@pytest.fixture
def loaded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> pluggy.PluginManager:
    """The plugins with the outside one of that name, loaded as `--plugin` does."""
    name = request.param
    monkeypatch.syspath_prepend(str(OUTSIDE))
    load = pdpp_host.plugins.load_plugins if name in HOST else pdpp_tck.plugins.load_plugins
    manager = load([name])
    assert manager.has_plugin(name)
    return manager


def with_plugin(name: str) -> pytest.MarkDecorator:
    """The test gets the plugins with this one."""
    return pytest.mark.parametrize("loaded", [name], indirect=True)


@with_plugin("registers_a_connector")
def test_a_connector_is_registered(loaded: pluggy.PluginManager) -> None:
    """Beside our own."""
    assert registered_connectors(loaded)["notes"].command[1:] == ("-m", "notes_connector")


@with_plugin("registers_a_rule")
def test_a_rule_is_registered(loaded: pluggy.PluginManager) -> None:
    """Beside our own."""
    names = [rule.name for rule in registered_rules(loaded)]
    assert names == ["imap_account", "outside", "rfc5322_message_id"]


@with_plugin("opens_a_storage")
def test_a_storage_is_opened(loaded: pluggy.PluginManager) -> None:
    """By the plugin that knows its URL."""
    with pytest.raises(StorageError, match="'tape://x' is not wound back"):
        open_storage(loaded, "tape://x")


@with_plugin("provides_databases")
def test_databases_are_provided(loaded: pluggy.PluginManager, tmp_path: Path) -> None:
    """By the plugin that knows the storage's name."""
    with pytest.raises(StorageMissing, match="no tape drive for"):
        provide_databases(loaded, "tape", tmp_path)


@with_plugin("adapts_services")
def test_services_are_adapted(loaded: pluggy.PluginManager) -> None:
    """What the plugin returns is what the host has."""
    services = Services(storage=cast(Storage, None), clock=cast(Clock, None))
    assert adapted(loaded, services).run_limit_s == 60.0


@with_plugin("opens_a_subject")
def test_a_subject_is_opened(loaded: pluggy.PluginManager, tmp_path: Path) -> None:
    """Before our own are asked."""
    with pytest.raises(SubjectError, match="the host 'theirs' is asleep"):
        open_host(loaded, HostWanted("theirs", "sqlite", tmp_path))


@with_plugin("registers_a_driver")
def test_a_driver_is_registered(loaded: pluggy.PluginManager) -> None:
    """Beside our own."""
    drivers = source_drivers(loaded)
    assert {"notes", "folder", "mailbox"} <= drivers.keys()
    assert drivers["notes"].connectors == {"notes"}


@with_plugin("reports_a_part")
def test_a_part_is_reported(loaded: pluggy.PluginManager) -> None:
    """With what would bring it here."""
    parts: list[Any] = [part for parts in loaded.hook.report_parts() for part in parts]
    assert next(part for part in parts if part.name == "notesd").detail == "it is not on the PATH; install it"


@with_plugin("writes_a_report")
def test_a_report_is_written(loaded: pluggy.PluginManager, tmp_path: Path) -> None:
    """Beside our own forms."""
    writers = report_writers(loaded)
    assert {"html", "junit", "markdown", "size"} <= writers.keys()
    assert writers["size"].write({"a": 1}, tmp_path) == "1 parts\n"


@with_plugin("declares_a_mutant")
def test_a_mutant_is_declared(loaded: pluggy.PluginManager) -> None:
    """Beside our own."""
    mutants = {each.name: each for each in declared(loaded) if isinstance(each, Mutant)}
    assert {"wide", "forgets-resources"} <= mutants.keys()
    assert mutants["wide"].breaks == "PR-03.1/T1"


@with_plugin("declares_a_variant")
def test_a_variant_is_declared(loaded: pluggy.PluginManager) -> None:
    """Beside our own."""
    assert {"chunked", "shares-nothing"} <= {each.name for each in declared(loaded)}
