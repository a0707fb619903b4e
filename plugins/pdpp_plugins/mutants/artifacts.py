"""Hosts that take one artifact for another, or for more than it is: CI-01.3."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from itertools import count

import msgspec

from pdpp_host.domain.endings import Ending
from pdpp_host.domain.entities import Batch, CoverageClaim
from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.messages import StreamScope
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil

_replace = msgspec.structs.replace


class _KnowsEveryArtifact(Behind):
    def batches_of(self, connection_id: str, sha256: str) -> list[Batch]:
        every = (each for _, each in self.real.batches(connection_id))
        return [each for each in every if each.artifact is not None]


@breaks("CI-01.3/T1", "in the list; seen b (note 3e23e8160039) 1 times, c")
def takes_one_artifact_for_another(services: Services) -> Services:
    """An artifact is recognised by its connection, whatever its bytes are."""
    return spoil(services, _KnowsEveryArtifact)


class _RecognisesNothing(Behind):
    def batches_of(self, connection_id: str, sha256: str) -> list[Batch]:
        return []


@breaks("CI-01/same-bytes/T1", "the receipt of 'copy 1' as the answer to 'copy 2'")
def recognises_nothing(services: Services) -> Services:
    """The same bytes are imported again."""
    return spoil(services, _RecognisesNothing)


@breaks("CI-01/same-bytes/T1", "the receipt of 'copy 1' as the answer to 'copy 2'")
def keeps_what_is_imported_twice(services: Services) -> Services:
    """The same bytes are imported again, and each line of them is a record of its own."""
    lines = count()

    def named(connection: str, path: int, stream: str, key: str, logical: str | None) -> str:
        return services.record_id(connection, path, stream, f"{next(lines)} {key}", logical)

    return spoil(dataclasses.replace(services, record_id=named), _RecognisesNothing)


class _KeepsTheLease(Behind):
    def release_lease(self, run_id: str) -> None:
        run = self.real.run(run_id)
        if run is None or not run.imported:
            self.real.release_lease(run_id)


@breaks("CI-01.3/T1", "run_already_active")
def keeps_the_lease_of_an_import(services: Services) -> Services:
    """Only what collects gives its connection back, so that a second artifact finds it busy for ever."""
    return spoil(services, _KeepsTheLease)


class _KnowsOfAnyConnection(Behind):
    def batches_of(self, connection_id: str, sha256: str) -> list[Batch]:
        every = (each.connection_id for each in self.real.connections())
        return [batch for each in every for batch in self.real.batches_of(each, sha256)]


@breaks("CI-01/same-bytes/T1", "of 'second' in the list; seen nothing")
def recognises_what_another_connection_has(services: Services) -> Services:
    """Bytes are recognised though another connection took them in."""
    return spoil(services, _KnowsOfAnyConnection)


class _KnowsFailures(Behind):
    def batches_of(self, connection_id: str, sha256: str) -> list[Batch]:
        found: list[Batch] = self.real.batches_of(connection_id, sha256)
        return [_replace(each, status="completed") for each in found]


@breaks("CI-01/failed-before/T1", "2 batches of the connection; seen 1 batches")
def recognises_what_failed(services: Services) -> Services:
    """Bytes are recognised although their import failed, and are never taken in."""
    return spoil(services, _KnowsFailures)


@breaks("CI-01.3/T1", "exactly the records a, b, c of 'first' in the list")
def takes_artifacts_for_the_whole(services: Services) -> Services:
    """An import speaks for all of its source, and removes what it does not hold."""

    def decided(
        claim: CoverageClaim,
        scope: StreamScope,
        manifest: Manifest,
        end: Ending,
        gaps: Collection[str | None],
    ) -> CoverageClaim:
        if "owner-artifact" not in manifest.connector_key:
            return services.coverage(claim, scope, manifest, end, gaps)
        return _replace(claim, authority=True, denied=None)

    return dataclasses.replace(services, coverage=decided)
