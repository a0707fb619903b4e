"""The identity rules of a host: which there are, and what having one in force joins (CI-03.3)."""

from __future__ import annotations

from datetime import datetime

from pdpp_host.domain.entities import InstalledRule, LinkProof
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import Unit, View
from pdpp_host.runtime.identity import link
from pdpp_host.services import Services


def known(services: Services, view: View) -> list[tuple[str, datetime | None]]:
    """Every rule that a plugin brings or that is in force, by name, and since when it is."""
    installed = {rule.name: rule.installed_at for rule in view.rules()}
    names = {*installed, *(rule.name for rule in services.identity_rules)}
    return [(name, installed.get(name)) for name in sorted(names)]


def change(services: Services, unit: Unit, name: str, *, installed: bool) -> list[LinkProof]:
    """Have a rule in force or not; the proofs by which connections are one source from now on.

    Raises RequestRefused: `unknown_identity_rule` for a name that no plugin brings (and that is not in force,
    where it is to be removed), `identity_rule_missing` where a rule that is in force lacks its plugin.
    """
    there = [rule.name for rule in services.identity_rules]
    if not installed:
        there = [each for each, _ in known(services, unit)]
    if name not in there:
        message = f"no plugin brings an identity rule {name!r}; there are {', '.join(there) or 'none'}"
        raise RequestRefused("unknown_identity_rule", message, "name")
    if not installed:
        unit.remove_rule(name)
        return []
    unit.install_rule(InstalledRule(name, services.clock.now()))
    return link(services, unit)
