"""Hosts that lose or rewrite what a batch claimed to cover: CI-02.1."""

from __future__ import annotations

from typing import Any

import msgspec

from pdpp_host.domain.entities import Batch
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil

_replace = msgspec.structs.replace


class _ClaimsOfTheLatest(Behind):
    def update_batch(self, batch: Batch) -> None:
        self.real.update_batch(batch)
        for _, each in self.real.batches(batch.connection_id):
            self.real.update_batch(_replace(each, coverage=batch.coverage))


@breaks("CI-02.1/T2", "of acquisition 'history' in the end")
@breaks("CI-02/fifty-later/T1", "of acquisition 'history' in the end")
def keeps_the_latest_claim(services: Services) -> Services:
    """A stream's claim of coverage is kept once for its connection, and every run overwrites it."""
    return spoil(services, _ClaimsOfTheLatest)


class _ClaimsWhileOpen(Behind):
    def update_batch(self, batch: Batch) -> None:
        self.real.update_batch(_replace(batch, coverage=()))


@breaks("CI-02.1/T2", "a coverage claim of acquisition 'history'")
@breaks("CI-02.2/T1", "a coverage claim of acquisition 'refresh'")
def forgets_claims_at_the_end(services: Services) -> Services:
    """A claim is kept while its run goes on."""
    return spoil(services, _ClaimsWhileOpen)


class _Withdrawn(Behind):
    def update_batch(self, batch: Batch) -> None:
        self.real.update_batch(batch)
        for _, each in self.real.batches(batch.connection_id):
            if each.batch_id != batch.batch_id:
                none: tuple[Any, ...] = tuple(_replace(c, authority=False) for c in each.coverage)
                self.real.update_batch(_replace(each, coverage=none))


@breaks("CI-02.1/T2", "of acquisition 'history' in the end")
def withdraws_earlier_claims(services: Services) -> Services:
    """A later batch ends the authority of every earlier one."""
    return spoil(services, _Withdrawn)
