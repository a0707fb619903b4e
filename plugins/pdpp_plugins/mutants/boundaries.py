"""Hosts that let in what a run was not asked for, or turn away what it was: PR-03.2."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pdpp_host.domain.entities import Run
from pdpp_host.domain.manifest import StreamManifest
from pdpp_host.domain.messages import Record, StreamScope
from pdpp_host.domain.scope import Outside
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks, legal
from pdpp_plugins.mutants.snapshots import Behind, spoilt


def _taking(services: Services, taken: Callable[[Any, str], bool], where: str | None = None) -> Services:
    """The services with more let in: a record a field of which, `where` or the declared one, is `taken`."""

    def inside(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
        data, field = record.data or {}, where or manifest.resource_field
        if any(taken(data.get(field or ""), each) for each in scope.resources or ()):
            return None
        return services.inside(record, scope, manifest)

    return dataclasses.replace(services, inside=inside)


@breaks("PR-03.2/T1", "record 'm1' of stream 'messages' readable; seen []")
def goes_by_keys_alone(services: Services) -> Services:
    """The field that the manifest declares is not looked at."""

    def inside(record: Record, scope: StreamScope, manifest: StreamManifest) -> Outside | None:
        return services.inside(record, scope, replace(manifest, selection=None))

    return dataclasses.replace(services, inside=inside)


@breaks("PR-03.2/T2", "record 'm2' of stream 'messages' not readable")
def takes_what_comes(services: Services) -> Services:
    """A connector is trusted to emit what it was asked for."""
    return dataclasses.replace(services, inside=lambda record, scope, manifest: None)


@breaks("PR-03.2/T2", "record 'm3' of stream 'messages' not readable")
def takes_longer_names(services: Services) -> Services:
    """The declared field is inside when it begins with a resource."""
    return _taking(services, lambda value, asked: str(value).startswith(asked))


@breaks("PR-03.2/T2", "record 'm4' of stream 'messages' not readable")
def takes_names_in_any_case(services: Services) -> Services:
    """The declared field is compared without regard to case."""
    return _taking(services, lambda value, asked: str(value).casefold() == asked.casefold())


@breaks("PR-03.2/T2", "record 'm5' of stream 'messages' not readable")
def looks_in_every_field(services: Services) -> Services:
    """Any field with a resource's name lets a record in."""
    return _taking(services, lambda value, asked: value == asked, "text")


def drops(outside: Outside) -> bool:
    """No record outside its scope ends its run."""
    return False


@breaks("PR-03.2/T2", "a run that shows that record 'm2' of stream 'messages' was refused")
def drops_in_silence(services: Services) -> Services:
    """A record outside is left out, and the run's counts do not tell."""
    return spoilt(dataclasses.replace(services, ends_run=drops), unit=_Uncounted)


class _Uncounted(Behind):
    """A transaction that writes runs down without what they refused."""

    def update_run(self, run: Run) -> None:
        self.real.update_run(replace(run, records=replace(run.records, rejected=0)))


@legal("PR-03.2")
def drops_what_is_outside(services: Services) -> Services:
    """A record outside its scope is refused and counted, and the run goes on."""
    return dataclasses.replace(services, ends_run=drops)
