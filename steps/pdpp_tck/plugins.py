"""Finding the kit's plugins through entry points."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from importlib.metadata import entry_points
from types import ModuleType

import pluggy

from pdpp_tck import hookspecs
from pdpp_tck.settings import NAME, Table
from pdpp_tck.subject import (
    ConfigurableDriver,
    Connector,
    ConnectorWanted,
    Host,
    HostWanted,
    Registered,
    SourceDriver,
    SubjectError,
)

GROUP = "pdpp_tck"
HOOKS = sorted(name for name, value in vars(hookspecs).items() if hasattr(value, "pdpp_tck_spec"))


class PluginError(Exception):
    """A plugin cannot be used as it is."""


def load_plugins(names: Iterable[str] = ()) -> pluggy.PluginManager:
    """A plugin manager with every installed plugin, and the modules in `names` beside them.

    Raises PluginError for a module that cannot be imported and for a hook that does not exist.
    """
    manager = manager_of()
    for entry in entry_points(group=GROUP):
        manager.register(_imported(entry.value), entry.name)
    for name in names:
        manager.register(_with_hooks(name, _imported(name)), name)
    return _checked(manager)


def manager_of() -> pluggy.PluginManager:
    """A plugin manager without any plugin."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    return manager


def with_modules(manager: pluggy.PluginManager, modules: Iterable[ModuleType]) -> pluggy.PluginManager:
    """The manager with these modules as plugins too; raises PluginError for a hook that does not exist."""
    for module in modules:
        if not manager.has_plugin(module.__name__):
            manager.register(module, module.__name__)
    return _checked(manager)


def _checked(manager: pluggy.PluginManager) -> pluggy.PluginManager:
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(f"{error}; the kit's hooks are {', '.join(HOOKS)}") from None
    return manager


def _imported(name: str) -> object:
    module, _, member = name.partition(":")
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise PluginError(
            f"no plugin {name!r}: {error}; give the dotted name of an importable module, or module:name"
        ) from None
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise PluginError(
            f"the plugin {name!r} breaks when it is imported: {what}; mend or remove it"
        ) from error
    if member and not hasattr(found, member):
        raise PluginError(f"no plugin {name!r}: {module} has nothing of that name after the colon")
    return getattr(found, member) if member else found


def _with_hooks(name: str, module: object) -> object:
    """The module, once it turns out to implement a hook of the kit's or the host's."""
    marks = ("pdpp_tck_impl", "pdpp_host_impl")
    if not any(hasattr(value, mark) for value in _members(module) for mark in marks):
        raise PluginError(f"{name!r} implements no hook; mark its functions with @hookimpl")
    return module


def _members(plugin: object) -> list[object]:
    return [getattr(plugin, name, None) for name in dir(plugin) if not name.startswith("__")]


def source_drivers(manager: pluggy.PluginManager) -> dict[str, SourceDriver | ConfigurableDriver]:
    """Every source driver by name; raises PluginError when two share one."""
    found: dict[str, SourceDriver | ConfigurableDriver] = {}
    for drivers in manager.hook.register_source_drivers():
        for driver in drivers:
            if driver.name in found:
                raise PluginError(f"two plugins register the source driver {driver.name!r}; rename one")
            found[driver.name] = driver
    return found


def open_host(manager: pluggy.PluginManager, wanted: HostWanted) -> Host:
    """The host that `wanted` names; raises SubjectError."""
    host: Host | None = manager.hook.open_subject(wanted=wanted)
    if host is None:
        raise SubjectError(f"no plugin opens the host {wanted.spec!r}; use reference or a URL")
    return host


def open_connector(
    manager: pluggy.PluginManager, wanted: ConnectorWanted, claims: frozenset[str], driver: str | None
) -> Connector:
    """The registered connector that `wanted` names, as a subject; raises SubjectError."""
    known: Registered | None = manager.hook.open_subject(wanted=wanted)
    if known is None:
        raise SubjectError(f"no connector {wanted.name!r} is registered with the reference host")
    return connector(manager, known, claims, driver)


def connector(
    manager: pluggy.PluginManager,
    known: Registered,
    claims: frozenset[str],
    driver: str | None,
    source: Table | None = None,
) -> Connector:
    """A connector as a subject; its driver is the one named, else the one that names its key.

    `source` is the table that configures a driver which has to be told what to arrange.
    """
    drivers = source_drivers(manager)
    key = str(known.manifest["connector_key"])
    chosen = _named(drivers, driver, source) if driver else _for_key(drivers, key)
    return Connector(
        name=key,
        version=str(known.manifest.get("version", "")),
        manifest=known.manifest,
        command=known.command,
        claims=claims | implied(known.manifest) | (chosen.claims if chosen else frozenset()),
        driver=chosen,
        environment=known.environment,
    )


def _named(
    drivers: dict[str, SourceDriver | ConfigurableDriver], name: str, source: Table | None
) -> SourceDriver:
    if name not in drivers:
        raise SubjectError(f"no source driver {name!r}; installed are {', '.join(sorted(drivers))}")
    driver = drivers[name]
    if not isinstance(driver, ConfigurableDriver):
        return driver
    if source is None:
        raise SubjectError(
            f"the source driver {name!r} has to be told what to make, in [source] of {NAME} with "
            f"driver = {name!r}; `pdpp-tck init --source-driver {name}` writes one"
        )
    return driver.configured(source)


def _for_key(drivers: dict[str, SourceDriver | ConfigurableDriver], key: str) -> SourceDriver | None:
    known = (d for d in drivers.values() if not isinstance(d, ConfigurableDriver))
    return next((driver for driver in known if key in driver.connectors), None)


def implied(manifest: dict[str, object]) -> frozenset[str]:
    """The claims that a manifest's facts imply."""
    claims: set[str] = set()
    streams = manifest.get("streams")
    for stream in streams if isinstance(streams, list) else ():
        selection = stream.get("selection") or {}
        claims.update(name for name in ("resources", "fields") if selection.get(name))
        claims.update(["incremental"] if stream.get("incremental") else [])
        claims.update(["time_range"] if stream.get("consent_time_field") else [])
    return frozenset(claims)
