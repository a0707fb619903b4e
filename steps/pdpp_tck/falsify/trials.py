"""Trials: for each declared mutant and variant a plan of the few scenarios that must judge it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pluggy

from pdpp_tck.falsify.declared import Declared, Mutant, Variant
from pdpp_tck.ledger import Ledger
from pdpp_tck.options import UsageError
from pdpp_tck.plan import Plan
from pdpp_tck.plugins import open_connector, open_host
from pdpp_tck.subject import ConnectorWanted, ContractTest, Face, Host, HostWanted, Kind
from pdpp_tck.unfilled import is_stub


@dataclass(frozen=True, slots=True)
class Trial:
    """One mutant or variant, and the plan by which it is judged."""

    declared: Declared
    plan: Plan


class Adapted:
    """A host with a plugin more, opened anew for each scenario, beside one whose databases it uses."""

    contract: tuple[ContractTest, ...] = ()

    def __init__(self, base: Host, opened: Callable[[Path], Host]) -> None:
        self._opened = opened
        self.name, self.version, self.missing = base.name, base.version, base.missing
        self.storage_name, self.storage_version = base.storage_name, base.storage_version
        self.claims, self.storage_claims = base.claims, base.storage_claims
        self.concurrent = base.concurrent

    @contextmanager
    def face(self, home: Path) -> Iterator[Face]:
        """The face of the host, which is closed with it."""
        host = self._opened(home / "host")
        try:
            with host.face(home) as face:
                yield face
        finally:
            host.close()

    def close(self) -> None:
        """Nothing is open between scenarios."""


def declared(manager: pluggy.PluginManager) -> tuple[Declared, ...]:
    """All that plugins declare, mutants first; raises UsageError where two share a name for one clause."""
    mutants = [mutant for some in manager.hook.register_mutants() for mutant in some]
    variants = [variant for some in manager.hook.register_variants() for variant in some]
    seen: set[tuple[str, str]] = set()
    for each in (*mutants, *variants):
        key = (each.name, each.breaks if isinstance(each, Mutant) else "")
        if key in seen:
            raise UsageError(f"two plugins declare {each.name!r} for {key[1] or 'a variant'}; rename one")
        seen.add(key)
    _refuse_stubs((*mutants, *variants))
    return (*sorted(mutants, key=lambda m: (m.breaks, m.name)), *sorted(variants, key=lambda v: v.name))


def _refuse_stubs(told: Sequence[Declared]) -> None:
    """What a scaffold left to its author is neither a mutant nor a variant yet."""
    left = [
        f"{each.plugin}: {each.name}: {text!r} is a stub; write what it asks for in its place"
        for each in told
        for text in (each.says, each.complains if isinstance(each, Mutant) else "")
        if is_stub(text)
    ]
    if left:
        raise UsageError("\n".join(left))


def trials(
    base: Plan, manager: pluggy.PluginManager, wanted: Sequence[Declared], storage: str
) -> list[Trial]:
    """A trial for each of `wanted`, beside the host of the plan `base`, which stays open meanwhile."""
    return [Trial(each, _plan(base, manager, each, storage)) for each in wanted]


def kind_of(each: Declared, ledger: Ledger) -> Kind:
    """Whom a mutant or variant is judged as."""
    if each.connector is not None:
        return "connector"
    named = (each.breaks,) if isinstance(each, Mutant) else each.judged_by
    return "storage" if all(_binds_storage(name, ledger) for name in named) else "host"


def scenarios_of(each: Declared, ledger: Ledger) -> frozenset[str]:
    """The ids that a mutant or variant is judged by; a mutant's is that in which its clause is seen."""
    if isinstance(each, Variant):
        return frozenset(each.judged_by)
    return frozenset({ledger.observation(each.breaks).id.rpartition("/")[0]})


def _binds_storage(identifier: str, ledger: Ledger) -> bool:
    clauses = [
        c
        for c in ledger.clauses
        if c.id == identifier or c.id.startswith((f"{identifier}/", f"{identifier}."))
    ]
    return bool(clauses) and all(clause.kinds == ("storage",) for clause in clauses)


def _plan(base: Plan, manager: pluggy.PluginManager, each: Declared, storage: str) -> Plan:
    kind, plugins = kind_of(each, base.ledger), (each.plugin,) if each.plugin else ()
    host, connectors = base.host, base.connectors[:0]
    if each.connector is not None:
        wanted = ConnectorWanted(each.connector, plugins)
        connectors = (open_connector(manager, wanted, frozenset(), each.driver),)
    elif plugins:
        host = Adapted(base.host, partial(_beside, manager, base.host, storage, plugins))
    name = each.name if isinstance(each, Variant) else f"{each.name}--{each.breaks.replace('/', '-')}"
    return replace(
        base,
        host=host,
        connectors=connectors,
        host_is_subject=kind == "host",
        storage_is_subject=kind == "storage",
        selection=scenarios_of(each, base.ledger),
        reports=base.reports / name,
        results=[],
    )


def _beside(
    manager: pluggy.PluginManager, base: Host, storage: str, plugins: tuple[str, ...], home: Path
) -> Host:
    return open_host(manager, HostWanted("reference", storage, home, plugins, base))
