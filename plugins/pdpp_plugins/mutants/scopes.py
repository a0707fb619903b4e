"""Hosts that lose or widen what a run was asked for: PR-03."""

from __future__ import annotations

import dataclasses

import msgspec

from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.messages import StreamScope
from pdpp_host.domain.requests import RunRequest
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks


@breaks("PR-03.1/T1", "expected")
@breaks("PR-03.1/T2", "expected")
def forgets_resources(services: Services) -> Services:
    """A resource-scoped request becomes a run of the whole stream."""

    def widened(manifest: Manifest, request: RunRequest, since: str | None) -> tuple[StreamScope, ...]:
        scopes = services.start_streams(manifest, request, since)
        return tuple(msgspec.structs.replace(scope, resources=None) for scope in scopes)

    return dataclasses.replace(services, start_streams=widened)
