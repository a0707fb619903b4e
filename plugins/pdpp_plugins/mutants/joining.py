"""Hosts that take one source for another, or two ways to one source for two: CI-01, CI-03.2."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pdpp_host.domain.entities import Path
from pdpp_host.domain.identity import Place, Proof, Rules, SourceBinding
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks

Found = tuple[Proof, ...]


@breaks("CI-01/either-order/T1", "proof_required")
@breaks("CI-01/either-order/T2", "proof_required")
def takes_an_archive_first_or_never(services: Services) -> Services:
    """A proof is looked for only where the archive was there first."""

    def one_way(rules: Rules, there: SourceBinding, coming: SourceBinding) -> Found:
        if coming.method == "owner_artifact":
            return ()
        return services.proofs(rules, there, coming)

    return dataclasses.replace(services, proofs=one_way)


@breaks("CI-01/either-order/T2", "proof_required")
def wants_a_connection_for_each_method(services: Services) -> Services:
    """Another method is sent to another connection, whatever is proved."""

    def never(found: Sequence[tuple[Path, Proof]]) -> Place:
        return "refuse"

    return dataclasses.replace(services, place=never)


@breaks("CI-01/either-order/T1", "in the connection 'first'; seen {'status': 201")
def makes_a_connection_for_each_method(services: Services) -> Services:
    """Another method gets another connection, whatever is proved."""

    def never(found: Sequence[tuple[Path, Proof]]) -> Place:
        return "apart"

    return dataclasses.replace(services, place=never)


@breaks("CI-01/either-order/T1", "incompatible_stream")
def compares_what_schemas_say_of_themselves(services: Services) -> Services:
    """Titles, and the order of what has no order, make two stream definitions different."""
    return dataclasses.replace(services, fingerprint=lambda stream: repr(stream))


@breaks("CI-01.2/T1", "acquisition 'other' refused")
def joins_by_connector(services: Services) -> Services:
    """A path of a connector that the connection has already needs no proof."""

    def proofs(rules: Rules, there: SourceBinding, coming: SourceBinding) -> Found:
        if there.connector_key == coming.connector_key:
            return (Proof("same connector", "both paths have one connector"),)
        return services.proofs(rules, there, coming)

    return dataclasses.replace(services, proofs=proofs)


@breaks("CI-01.2/T1", "acquisition 'other' refused")
def remembers_proofs_by_connector(services: Services) -> Services:
    """A proof that was found is remembered for two connectors, and not for two bindings."""
    known: dict[tuple[str, str], Found] = {}

    def proofs(rules: Rules, there: SourceBinding, coming: SourceBinding) -> Found:
        pair = (there.connector_key, coming.connector_key)
        found = known.get(pair) or services.proofs(rules, there, coming)
        if found:
            known[pair] = found
        return found

    return dataclasses.replace(services, proofs=proofs)


@breaks("CI-01.2/T1", "acquisition 'foreign' refused")
def proves_by_methods(services: Services) -> Services:
    """With a rule in force every interface is the source of every archive."""

    def proofs(rules: Rules, there: SourceBinding, coming: SourceBinding) -> Found:
        if rules.names and there.method != coming.method:
            return (Proof(rules.names[0], "an archive and an interface"),)
        return services.proofs(rules, there, coming)

    return dataclasses.replace(services, proofs=proofs)


@breaks("CI-01.2/T1", "acquisition 'foreign' refused")
@breaks("CI-03.2/T1", "acquisition 'asked' refused")
def takes_the_owners_word(services: Services) -> Services:
    """That an owner asks for a path in a connection is taken for a proof."""

    def joined(found: Sequence[tuple[Path, Proof]]) -> Place:
        return "join"

    return dataclasses.replace(services, place=joined)


@breaks("CI-03.2/T1", "acquisition 'asked' refused")
def proves_by_address(services: Services) -> Services:
    """Two bindings of one e-mail address are one source."""

    def proofs(rules: Rules, there: SourceBinding, coming: SourceBinding) -> Found:
        if there.account is not None and there.account == coming.account:
            return (Proof("same address", "both bindings have one address"),)
        return services.proofs(rules, there, coming)

    return dataclasses.replace(services, proofs=proofs)
