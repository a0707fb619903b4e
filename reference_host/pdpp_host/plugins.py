"""Finding plugins: through entry points, ours no other way than a stranger's."""

from __future__ import annotations

import importlib
from collections.abc import Iterable

import pluggy

from pdpp_host import hookspecs
from pdpp_host.domain.entities import Connector
from pdpp_host.domain.identity import IdentityRule

GROUP = "pdpp_host"


class PluginError(Exception):
    """A plugin cannot be used as it is."""


def load_plugins(names: Iterable[str] = ()) -> pluggy.PluginManager:
    """A plugin manager with every installed plugin, and the modules in `names` beside them.

    Raises PluginError for a module that cannot be imported and for a hook that does not exist.
    """
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        manager.load_setuptools_entrypoints(GROUP)
    except Exception as error:
        raise PluginError(
            f"an installed plugin cannot be imported: {type(error).__name__}: {error}; mend or uninstall it"
        ) from error
    for name in names:
        manager.register(_module(name), name)
    _refuse_unknown_hooks(manager)
    return manager


def registered_connectors(manager: pluggy.PluginManager) -> dict[str, Connector]:
    """Every connector that a plugin registers, by key; raises PluginError when two share a key."""
    found: dict[str, Connector] = {}
    for connectors in manager.hook.register_connectors():
        for connector in connectors:
            if connector.key in found:
                raise PluginError(f"two plugins register the connector {connector.key!r}; rename one of them")
            found[connector.key] = connector
    return found


def registered_rules(manager: pluggy.PluginManager) -> tuple[IdentityRule, ...]:
    """Every identity rule that a plugin registers, by name; raises PluginError when two share a name."""
    found: dict[str, IdentityRule] = {}
    for rules in manager.hook.register_identity_rules():
        for rule in rules:
            if rule.name in found:
                raise PluginError(f"two plugins register the identity rule {rule.name!r}; rename one of them")
            found[rule.name] = rule
    return tuple(found[name] for name in sorted(found))


def _module(name: str) -> object:
    module, _, member = name.partition(":")
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise PluginError(
            f"no plugin {name!r}: {error}; give the dotted name of an importable module, or module:name"
        ) from None
    except Exception as error:
        raise PluginError(
            f"the plugin {name!r} breaks when it is imported: {type(error).__name__}: {error}"
        ) from error
    if member and not hasattr(found, member):
        raise PluginError(f"no plugin {name!r}: {module} has nothing of that name after the colon")
    return getattr(found, member) if member else found


def _refuse_unknown_hooks(manager: pluggy.PluginManager) -> None:
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        known = ", ".join(
            name for name in dir(hookspecs) if hasattr(getattr(hookspecs, name), "pdpp_host_spec")
        )
        raise PluginError(f"{error}; the host's hooks are {known}") from None
