"""The identity rules: which there are, which are in force, and what installing one joins (CI-03.3)."""

from __future__ import annotations

from pdpp_host.domain.entities import LinkProof
from pdpp_host.ports import View
from pdpp_host.runtime.rules import change, known
from pdpp_host.services import Services
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.shapes.configuring import RuleList, RuleShown, RuleWanted


def list_rules(call: Call) -> RuleList:
    """The identity rules that plugins bring, and those that are in force."""
    services = call.host.services
    with services.storage.read() as view:
        return listed(services, view)


def change_rule(call: Call) -> RuleList:
    """Install an identity rule or remove it; what is then proved to be one source goes on as one."""
    body: RuleWanted = call.typed(RuleWanted)
    services = call.host.services
    with services.storage.write() as unit:
        made = change(services, unit, body.name, installed=body.installed)
        answer = listed(services, unit, tuple(made))
        unit.commit()
    return answer


def listed(services: Services, view: View, links: tuple[LinkProof, ...] = ()) -> RuleList:
    """Every rule that is known or in force."""
    shown = (RuleShown(name, since is not None, since) for name, since in known(services, view))
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
        refuses=("unknown_identity_rule", "identity_rule_missing", "identity_rule_broken"),
    ),
)
