"""Plugins meet the host through its hooks, and a wrong one is named."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pdpp_host.compose import compose, open_storage
from pdpp_host.domain.entities import Connector
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.hookspecs import hookimpl
from pdpp_host.plugins import PluginError, load_plugins, registered_connectors
from pdpp_host.services import Services

from ..houses import House, a_house, done, manifest, record, stream


class Registers:
    """A plugin that registers one connector."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self._connector = Connector(parse_manifest(raw), ("program",))

    @hookimpl
    def register_connectors(self) -> list[Connector]:
        return [self._connector]


def test_our_own_plugins_are_found() -> None:
    """Connectors and storage of ours come through entry points, as a stranger's do."""
    assert "folder" in registered_connectors(load_plugins())


def test_two_connectors_of_one_key() -> None:
    """Two plugins that register one key are refused, naming it."""
    manager = load_plugins()
    manager.register(Registers(manifest(key="folder")))
    with pytest.raises(PluginError, match="'folder'"):
        registered_connectors(manager)


def test_a_schema_that_is_none(tmp_path: Path) -> None:
    """A plugin whose manifest no run could use is refused when the host is composed, not when it runs."""
    manager = load_plugins()
    manager.register(Registers(manifest(stream(schema={"type": "nonsense"}))))
    storage = open_storage(manager, f"sqlite:///{tmp_path / 'host.db'}")
    try:
        with pytest.raises(PluginError, match="connector 'notes'.*no JSON Schema"):
            compose(manager, storage)
    finally:
        storage.close()


def test_a_misspelt_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that does not exist is an error that names it and the hooks there are."""
    (tmp_path / "misspelt.py").write_text(
        "from pdpp_host.hookspecs import hookimpl\n@hookimpl\ndef adapt_service(services): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(
        PluginError,
        match="adapt_service.*adapt_services, open_storage, provide_databases, register_connectors",
    ):
        load_plugins(["misspelt"])


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "no plugin 'broken'"), ("1 / 0", "breaks when it is imported: ZeroDivisionError")],
)
def test_a_plugin_that_cannot_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, said: str
) -> None:
    """A module that is not there, and one that breaks when it is imported, are told apart and named."""
    if text is not None:
        (tmp_path / "broken.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match=said):
        load_plugins(["broken"])


def test_a_storage_that_nobody_knows() -> None:
    """A URL of no plugin's is an error that says which there are."""
    with pytest.raises(PluginError, match="sqlite:///FILE"):
        open_storage(load_plugins(), "nowhere://x")


def test_services_are_adapted_in_turn(tmp_path: Path) -> None:
    """Each plugin sees the services that the one before it returned; None leaves them."""

    def admits_everything(*_: Any) -> None:
        return None

    @hookimpl
    def adapt_services(services: Services) -> Services:
        return dataclasses.replace(services, inside=admits_everything)

    with a_house(tmp_path, SimpleNamespace(adapt_services=adapt_services)) as house:
        connection = house.connect(house.plays(record("a"), done(1)))
        run = house.run(connection, resources={"notes": ["elsewhere"]})
        assert (run.status, list(house.stored(connection))) == ("completed", ["a"])


def test_a_plugins_connector_is_registered(house: House) -> None:
    """A plugin's connector can be configured without being registered first."""
    with house.host.services.storage.read() as view:
        assert view.connector("folder") is not None
