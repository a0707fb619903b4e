"""The reference host, but a resource-scoped request becomes a run of the whole stream: breaks PR-03.1."""

from __future__ import annotations

import dataclasses

import msgspec

from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.messages import StreamScope
from pdpp_host.domain.requests import RunRequest
from pdpp_host.hookspecs import hookimpl
from pdpp_host.services import Services


@hookimpl
def adapt_services(services: Services) -> Services:
    """Streams are started without the resources that were asked for."""

    def widened(manifest: Manifest, request: RunRequest, since: str | None) -> tuple[StreamScope, ...]:
        scopes = services.start_streams(manifest, request, since)
        return tuple(msgspec.structs.replace(scope, resources=None) for scope in scopes)

    return dataclasses.replace(services, start_streams=widened)
