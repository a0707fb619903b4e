"""The identity rules that are in force, and what follows for the paths of a connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from pdpp_host.domain.declared_rules import DeclaredRule
from pdpp_host.domain.definitions import IncompatibleStream, check_compatible
from pdpp_host.domain.entities import Connection, InstalledRule, LinkProof, Path
from pdpp_host.domain.identity import IdentityRule, Proof, Rules, binding_of
from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import Unit, View
from pdpp_host.services import Services

MOST_PATHS = 63
"""As many as a record has bits for the paths that have seen it."""


def in_force(services: Services, view: View) -> Rules:
    """The rules that are installed; RequestRefused (`identity_rule_missing`) where no plugin brings one."""
    return Rules(_rule(services, installed) for installed in view.rules())


def _rule(services: Services, installed: InstalledRule) -> IdentityRule:
    if installed.declared is not None:
        return msgspec.convert(installed.declared, DeclaredRule)
    for rule in services.identity_rules:
        if rule.name == installed.name:
            return rule
    raise RequestRefused(
        "identity_rule_missing",
        f"the identity rule {installed.name!r} is installed and no plugin brings it; install its plugin or "
        "remove the rule",
    )


def joining(
    services: Services, rules: Rules, path: Path, others: Sequence[Path]
) -> tuple[tuple[Path, Proof], ...]:
    """The paths of a connection that are the same source as `path`, each with its proof."""
    mine = binding_of(path)
    return tuple(
        (other, proof) for other in others for proof in services.proofs(rules, binding_of(other), mine)
    )


def manifests_of(view: View, paths: Iterable[Path]) -> list[Manifest]:
    """The manifests of these paths' connectors, each connector's once."""
    found = {path.connector_key: view.connector(path.connector_key) for path in paths}
    return [connector.manifest for connector in found.values() if connector is not None]


def reach(services: Services, view: View, rules: Rules, path: Path, stream: str) -> int:
    """The bits of the paths whose records a refresh of `path` may remove, by a rule's word.

    A path lies within reach where a proof joined the two, and the rule behind it still gives that proof of
    these very two and authorises it: the proof of a sibling is none, nor that of a rule as it was once.
    """
    mask, paths = 0, {each.ordinal: each for each in view.paths(path.connection_id)}
    for known in view.proofs(path.connection_id):
        ends = {known.path, known.with_path}
        if known.connection_id != path.connection_id or path.ordinal not in ends:
            continue
        for other in ends - {path.ordinal}:
            now = services.proofs(rules, binding_of(paths[other]), binding_of(path))
            if any(proof.rule == known.rule and rules.authorises(proof, stream) for proof in now):
                mask |= 1 << other
    return mask


def link(services: Services, unit: Unit) -> list[LinkProof]:
    """Let the older of two connections take over what the rules prove to be one source (CI-03.3).

    Nothing that was collected moves: the younger one keeps its records and is marked superseded; its paths
    go on in the older one, from the beginning. Connections whose streams are incompatible stay apart, and
    those that have too many paths for one.
    """
    rules, made = in_force(services, unit), []
    living = [each for each in unit.connections() if each.superseded_by is None]
    for number, younger in enumerate(living):
        for older in living[:number]:
            if unit_of(unit, older.connection_id).superseded_by is None:
                proved = _link(services, unit, rules, older, younger)
                made += proved
                if proved:
                    break
    return made


def unit_of(view: View, connection_id: str) -> Connection:
    """A connection that is known to be there."""
    found = view.connection(connection_id)
    assert found is not None, "connections are never removed"
    return found


def _link(
    services: Services, unit: Unit, rules: Rules, older: Connection, younger: Connection
) -> list[LinkProof]:
    there, coming = unit.paths(older.connection_id), unit.paths(younger.connection_id)
    proved = [(path, joining(services, rules, path, there)) for path in coming]
    if not any(found for _, found in proved):
        return []
    new = [path for path in coming if not any(_same(each, path) for each in there)]
    if len(there) + len(new) > MOST_PATHS:
        return []
    try:
        check_compatible(manifests_of(unit, (*there, *coming)), services.fingerprint)
    except IncompatibleStream:
        return []
    now = services.clock.now()
    made = [
        proof
        for path, found in proved
        for proof in _move(unit, older.connection_id, path, found or _by_its_sibling(proved), now)
    ]
    unit.update_connection(msgspec.structs.replace(younger, superseded_by=older.connection_id))
    return made


def _by_its_sibling(
    proved: list[tuple[Path, tuple[tuple[Path, Proof], ...]]],
) -> tuple[tuple[Path, Proof], ...]:
    """A path that shares its connection with a proven one is that source by its proof."""
    return next(found for _, found in proved if found)


def _move(
    unit: Unit, connection_id: str, path: Path, found: Sequence[tuple[Path, Proof]], now: datetime
) -> list[LinkProof]:
    there = unit.paths(connection_id)
    ordinal = next((each.ordinal for each in there if _same(each, path)), None)
    if ordinal is None:
        ordinal = len(there)
        # A profile key stays with the connection that it was bound to.
        moved = {"connection_id": connection_id, "ordinal": ordinal, "created_at": now}
        unit.add_path(msgspec.structs.replace(path, **moved, browser_profile_key=None))
    return [kept(unit, connection_id, ordinal, each, now, path.connection_id) for each in found]


def kept(
    unit: Unit,
    connection_id: str,
    ordinal: int,
    found: tuple[Path, Proof],
    now: datetime,
    origin: str | None = None,
) -> LinkProof:
    """A proof by which a path joined, written down."""
    other, proof = found
    made = LinkProof(connection_id, ordinal, other.ordinal, proof.rule, proof.reason, now, origin)
    unit.add_proof(made)
    return made


def _same(a: Path, b: Path) -> bool:
    return (a.connector_key, a.method, a.binding, a.source, a.since) == (
        b.connector_key,
        b.method,
        b.binding,
        b.source,
        b.since,
    )
