"""The identity rules: which there are, which are in force, and what installing one joins (CI-03.3)."""

from __future__ import annotations

from pdpp_host.domain.entities import InstalledRule, LinkProof
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import View
from pdpp_host.runtime.identity import link
from pdpp_host.services import Services
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.shapes import RuleList, RuleShown, RuleWanted


def list_rules(call: Call) -> RuleList:
    """The identity rules that plugins bring, and those that are in force."""
    services = call.host.services
    with services.storage.read() as view:
        return listed(services, view)


def change_rule(call: Call) -> RuleList:
    """Install an identity rule or remove it; what is then proved to be one source goes on as one."""
    body: RuleWanted = call.typed(RuleWanted)
    services = call.host.services
    known = [rule.name for rule in services.identity_rules]
    with services.storage.write() as unit:
        if body.installed and body.name not in known:
            there = ", ".join(known) or "none"
            message = f"no plugin brings an identity rule {body.name!r}; there are {there}"
            raise RequestRefused("unknown_identity_rule", message, "name")
        if body.installed:
            unit.install_rule(InstalledRule(body.name, services.clock.now()))
            made = tuple(link(services, unit))
        else:
            unit.remove_rule(body.name)
            made = ()
        answer = listed(services, unit, made)
        unit.commit()
    return answer


def listed(services: Services, view: View, links: tuple[LinkProof, ...] = ()) -> RuleList:
    """Every rule that is known or in force."""
    installed = {rule.name: rule for rule in view.rules()}
    names = sorted({*installed, *(rule.name for rule in services.identity_rules)})
    shown = (
        RuleShown(name, name in installed, installed[name].installed_at if name in installed else None)
        for name in names
    )
    return RuleList("list", tuple(shown), links)


OPERATIONS = (
    Operation("/_ref/identity-rules", "GET", "owner", list_rules, RuleList),
    Operation(
        "/_ref/identity-rules",
        "POST",
        "owner",
        change_rule,
        RuleList,
        wants=RuleWanted,
        refuses=("unknown_identity_rule", "identity_rule_missing"),
    ),
)
