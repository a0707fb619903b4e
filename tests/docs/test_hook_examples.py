"""The examples of docs/hooks.md work, and what is no hook is refused by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hooks_page import HOOKS, LOADERS, PAGE, PARTS, listed, members, table_after
from pages import blocks

import pdpp_host.hookspecs
import pdpp_host.plugins
import pdpp_tck.hookspecs
import pdpp_tck.plugins
from pdpp_host import ports
from pdpp_host.compose import adapted, open_storage, provide_databases
from pdpp_host.contract.identity import IdentityContract
from pdpp_host.domain.identity import IdentityRule, SourceBinding
from pdpp_host.plugins import registered_connectors, registered_rules
from pdpp_host.services import Clock, Services
from pdpp_tck.falsify.campaign import falsify
from pdpp_tck.falsify.declared import Mutant, Variant
from pdpp_tck.falsify.outcome import Outcome
from pdpp_tck.falsify.trials import declared
from pdpp_tck.options import Options
from pdpp_tck.plugins import open_host, source_drivers
from pdpp_tck.reports.writer import ReportWriter
from pdpp_tck.reports.writing import report_writers
from pdpp_tck.subject import CLAIMS, HostWanted, Item, SubjectError

ERRORS = {"host": pdpp_host.plugins.PluginError, "kit": pdpp_tck.plugins.PluginError}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Writes a plugin module where it can be imported; hands its name back."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, text: str) -> str:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return name

    return write


@pytest.fixture
def example(module: Callable[[str, str], str]) -> Callable[[str], str]:
    """Writes the example of a hook as a module; hands its name back."""

    def write(hook: str) -> str:
        (block,) = [b for b in blocks(PAGE) if b.info == "python" and f"\ndef {hook}(" in b.text]
        return module(f"example_of_{hook}", block.text)

    return write


def test_example_register_connectors(example: Callable[[str], str]) -> None:
    """The connector of the example is registered beside ours."""
    found = registered_connectors(LOADERS["host"]([example("register_connectors")]))
    assert {"folder", "notes"} <= found.keys()
    assert found["notes"].environment == {"NOTES_LANGUAGE": "en"}


def test_example_register_identity_rules(example: Callable[[str], str]) -> None:
    """The rule of the example is registered beside ours and keeps the contract of rules."""
    rules = registered_rules(LOADERS["host"]([example("register_identity_rules")]))
    rule = next(rule for rule in rules if rule.name == "serial_number")

    class Case(IdentityContract):
        same = ((_device("serial:7"), _device("serial:7")),)

    case = Case()
    case.rule = rule
    for name in (name for name in dir(IdentityContract) if name.startswith("test_")):
        getattr(case, name)()
    assert rule.prove_same_source(_device("serial:7"), _device("serial:8")) is None
    assert listed(HOOKS["register_identity_rules"], "and are both named.", "member") == members(IdentityRule)


def _device(name: str) -> SourceBinding:
    return SourceBinding("notes", "device_sync", device=name)


def test_example_open_storage(example: Callable[[str], str], tmp_path: Path) -> None:
    """The example answers for its own URLs and leaves the others to others."""
    manager = LOADERS["host"]([example("open_storage")])
    with pytest.raises(ports.StorageError, match="mydb://here"):
        open_storage(manager, "mydb://here")
    open_storage(manager, f"sqlite:///{tmp_path / 'host.db'}").close()


def test_example_provide_databases(example: Callable[[str], str], tmp_path: Path) -> None:
    """The example gives databases for its own name and leaves the others to others."""
    manager = LOADERS["host"]([example("provide_databases")])
    databases = provide_databases(manager, "mydb", tmp_path)
    assert [databases.fresh(), databases.fresh()] == ["mydb://localhost/1", "mydb://localhost/2"]
    databases.close()
    url = provide_databases(manager, "sqlite", tmp_path).fresh()
    assert url.startswith(f"sqlite:///{tmp_path}")
    assert listed(HOOKS["provide_databases"], "with that sentence.", "member") == members(ports.Databases)


def test_example_adapt_services(example: Callable[[str], str], tmp_path: Path) -> None:
    """The example's decision is the one that the host takes."""
    manager = LOADERS["host"]([example("adapt_services")])
    storage = open_storage(manager, f"sqlite:///{tmp_path / 'host.db'}")
    plain = Services(storage, Clock())
    changed = adapted(manager, plain)
    storage.close()
    assert changed.inside is not plain.inside
    assert changed.inside(None, None, None) is None  # type: ignore[arg-type]
    assert dataclasses.replace(changed, inside=plain.inside) == plain


def test_example_register_source_drivers(example: Callable[[str], str], tmp_path: Path) -> None:
    """The driver of the example makes, changes, spoils and closes a source."""
    driver = source_drivers(LOADERS["kit"]([example("register_source_drivers")]))["notebook"]
    item = Item("beta", "b1", datetime(2024, 1, 1, tzinfo=UTC), "secret")
    home = tmp_path / "source"
    home.mkdir()
    source = driver.open(home)
    source.write("beta", [item])
    assert source.where() == {"root": str(home)}
    assert (home / "beta.txt").read_text() == "b1\t2024-01-01T00:00:00+00:00\tsecret\n"
    assert (driver.key(item), driver.resource("beta")) == (["beta", "b1"], "beta")
    assert driver.legacy_cursor(item.at) is None
    assert driver.claims <= CLAIMS["connector"]
    source.remove("beta")
    assert not list(home.iterdir())
    source.obstruct()
    assert home.is_file()
    source.close()


def test_example_open_subject(example: Callable[[str], str], tmp_path: Path) -> None:
    """The example answers for its own name and leaves the others to others."""
    manager = LOADERS["kit"]([example("open_subject")])
    with pytest.raises(SubjectError, match="'mine' is not running"):
        open_host(manager, HostWanted("mine", "sqlite", tmp_path))
    with pytest.raises(SubjectError, match="no plugin opens the host 'yours'"):
        open_host(manager, HostWanted("yours", "sqlite", tmp_path))


def test_example_register_mutants(example: Callable[[str], str], tmp_path: Path) -> None:
    """The mutant of the example is declared for a clause that there is, and breaks it."""
    name = example("register_mutants")
    (mutant,) = (m for m in declared(LOADERS["kit"]([name])) if m.name == "careless")
    found = falsify(Options(storage="sqlite", plugins=(name,), report=tmp_path), [mutant.name])
    assert [(each.outcome, each.declared) for each in found.made] == [(Outcome.KILLED, mutant)]
    described = table_after(PARTS["The kit's hooks"], "A mutant, `pdpp_tck.falsify.declared.Mutant`:")
    assert [row["member"] for row in described] == [field.name for field in dataclasses.fields(Mutant)]


def test_example_register_variants(example: Callable[[str], str], tmp_path: Path) -> None:
    """The variant of the example is declared for a scenario that there is, and passes it."""
    name = example("register_variants")
    (variant,) = (v for v in declared(LOADERS["kit"]([name])) if v.name == "our-own-host")
    found = falsify(Options(storage="sqlite", plugins=(name,), report=tmp_path), [variant.name])
    assert [(each.outcome, each.declared) for each in found.made] == [(Outcome.PASSED, variant)]
    described = table_after(PARTS["The kit's hooks"], "for our own parts as they are, and:")
    shared = {field.name for field in dataclasses.fields(Mutant)}
    own = {field.name for field in dataclasses.fields(Variant)} - shared
    assert {row["member"] for row in described} == own


MISSPELT = """
from {package}.hookspecs import hookimpl

@hookimpl
def {hook}():
    return []
"""


@pytest.mark.parametrize(
    ("program", "package", "right", "wrong"),
    [
        ("host", "pdpp_host", "register_connectors", "register_connector"),
        ("kit", "pdpp_tck", "register_source_drivers", "register_source_driver"),
    ],
)
def test_a_misspelt_hook_is_named(
    module: Callable[[str, str], str], program: str, package: str, right: str, wrong: str
) -> None:
    """A hook that does not exist is refused by name, and what does exist is told; the right one is taken."""
    name = module(f"{package}_misspelt", MISSPELT.format(package=package, hook=wrong))
    with pytest.raises(ERRORS[program], match=f"'{wrong}'.*{right}"):
        LOADERS[program]([name])
    LOADERS[program]([module(f"{package}_spelt", MISSPELT.format(package=package, hook=right))])


@pytest.mark.parametrize("program", LOADERS)
def test_a_module_that_is_not_there_is_named(program: str) -> None:
    """A plugin that cannot be imported is refused by name."""
    with pytest.raises(ERRORS[program], match="no_such_plugin"):
        LOADERS[program](["no_such_plugin"])


def test_example_report_parts(example: Callable[[str], str]) -> None:
    """The part of the example is missing, with a reason, until its program is there."""
    manager = LOADERS["kit"]([example("report_parts")])
    told = [part for parts in manager.hook.report_parts() for part in parts if part.name == "notesd"]
    assert [part.present for part in told] == [False]
    assert "install the notes daemon" in told[0].detail


def test_example_register_report_writers(example: Callable[[str], str], tmp_path: Path) -> None:
    """The writer of the example is registered beside ours, and tells the verdict."""
    writers = report_writers(LOADERS["kit"]([example("register_report_writers")]))
    assert {"html", "junit", "markdown"} <= writers.keys()
    assert 'fill="red"' in writers["badge"].write({"conformant": False}, tmp_path)
    told = HOOKS["register_report_writers"]
    assert listed(told, "A writer, `pdpp_tck", "member") == members(ReportWriter)


def test_every_example_is_tried() -> None:
    """Each Python block on the page belongs to one hook, and each hook has one."""
    shown = [block.text for block in blocks(PAGE) if block.info == "python"]
    assert len(shown) == len(HOOKS)
    assert all(sum(f"\ndef {hook}(" in text for text in shown) == 1 for hook in HOOKS)
    tried = {name.removeprefix("test_example_") for name in globals() if name.startswith("test_example_")}
    assert tried == HOOKS.keys()
