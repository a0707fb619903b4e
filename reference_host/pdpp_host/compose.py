"""The one place where a host is put together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pluggy

from pdpp_host.domain.entities import Connector, InstalledRule
from pdpp_host.domain.manifest import ManifestError
from pdpp_host.plugins import PluginError, registered_connectors, registered_rules
from pdpp_host.ports import Databases, Storage, Unit
from pdpp_host.runtime.controller import Controller
from pdpp_host.runtime.imports import Imports
from pdpp_host.runtime.schemas import check_schemas
from pdpp_host.services import Clock, Services
from pdpp_host.staged import Stage, StagedStorage


@dataclass(frozen=True, slots=True)
class Host:
    """A running host: close it to end its runs and let go of its storage."""

    services: Services
    controller: Controller
    stage: Stage | None = None

    @property
    def imports(self) -> Imports:
        """The way in for owners' artifacts."""
        return Imports(self.services, self.controller)

    def close(self) -> None:
        """End the runs under way and close the storage."""
        self.controller.close()
        self.services.storage.close()


def open_storage(manager: pluggy.PluginManager, url: str) -> Storage:
    """The storage that a plugin opens for `url`; raises PluginError when none knows it."""
    storage: Storage | None = manager.hook.open_storage(url=url)
    if storage is None:
        raise PluginError(
            f"no storage plugin knows {shown(url)!r}; use sqlite:///FILE or postgresql://SERVER/DATABASE"
        )
    return storage


def shown(url: str) -> str:
    """A URL as errors may show it: without what stands before an `@`, which may be a password."""
    return re.sub(r"://.*@", "://…@", url)


def provide_databases(manager: pluggy.PluginManager, storage: str, home: Path) -> Databases:
    """Empty databases of the kind that `storage` names; PluginError when no plugin knows it."""
    found: Databases | None = manager.hook.provide_databases(storage=storage, home=home)
    if found is None:
        raise PluginError(
            f"no storage plugin provides databases for {shown(storage)!r}; use sqlite or postgres"
        )
    return found


def compose(
    manager: pluggy.PluginManager, storage: Storage, clock: Clock | None = None, *, staged: bool = False
) -> Host:
    """A host on `storage`, with the plugins' connectors registered and their services adapted.

    One that is `staged` can be broken, held and watched by whoever has the stage's token.
    """
    stage = Stage() if staged else None
    if stage is not None:
        storage = cast(Storage, StagedStorage(storage, stage))
    rules = registered_rules(manager)
    own = Services(storage=storage, clock=clock or Clock(), identity_rules=rules)
    services = adapted(manager, own)
    connectors = registered_connectors(manager)
    _check(connectors.values())
    with services.storage.write() as unit:
        # Before anything is configured a database is new.
        if not unit.connections() and not unit.connectors():
            _install_first(services, unit)
        for connector in connectors.values():
            unit.put_connector(connector)
        unit.commit()
    controller = Controller(services)
    controller.recover()
    return Host(services, controller, stage)


def _install_first(services: Services, unit: Unit) -> None:
    now = services.clock.now()
    for rule in services.identity_rules:
        if rule.from_the_start:
            unit.install_rule(InstalledRule(rule.name, now))


def _check(connectors: Iterable[Connector]) -> None:
    for connector in connectors:
        try:
            check_schemas(connector.manifest)
        except ManifestError as error:
            raise PluginError(f"the plugin of connector {connector.key!r} cannot be used: {error}") from None


def adapted(manager: pluggy.PluginManager, services: Services) -> Services:
    """The services as the plugins leave them, each plugin seeing what the one before it returned."""
    for implementation in manager.hook.adapt_services.get_hookimpls():
        wanted = [services for _ in implementation.argnames]
        adapted_by: Services | None = cast(Any, implementation.function)(*wanted)
        services = adapted_by or services
    return services
