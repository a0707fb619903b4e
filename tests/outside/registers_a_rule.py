"""Registers an identity rule: one that is told in data."""

from pdpp_host.domain.declared_rules import DeclaredRule
from pdpp_host.domain.identity import IdentityRule
from pdpp_host.hookspecs import hookimpl


@hookimpl
def register_identity_rules() -> list[IdentityRule]:
    return [DeclaredRule("outside", ({"device": "a"}, {"device": "b"}))]
