"""Hosts that mix up, lose or rewrite what came in when, how, and with what claim: CI-01, CI-02."""

from __future__ import annotations

import msgspec

from pdpp_host.domain.entities import Batch
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil

_replace = msgspec.structs.replace


class _OfTheFirstPath(Behind):
    def add_batch(self, batch: Batch) -> None:
        self.real.add_batch(self._relabelled(batch))

    def update_batch(self, batch: Batch) -> None:
        self.real.update_batch(self._relabelled(batch))

    def _relabelled(self, batch: Batch) -> Batch:
        return _replace(batch, method=self.real.paths(batch.connection_id)[0].method)


@breaks("CI-01.1/T2", "the method provider_api and a provenance in the batch of acquisition 'current'")
@breaks(
    "CI-01/one-record/T2", "the method provider_api and a provenance in the batch of acquisition 'current'"
)
@breaks("CI-03.3/T2", "the method provider_api and a provenance in the batch of acquisition 'later'")
def takes_the_method_from_the_connection(services: Services) -> Services:
    """A batch is said to have come by the method by which its connection began."""
    return spoil(services, _OfTheFirstPath)


class _OfTheLatestPath(Behind):
    def update_batch(self, batch: Batch) -> None:
        self.real.update_batch(batch)
        for _, each in self.real.batches(batch.connection_id):
            self.real.update_batch(_replace(each, method=batch.method))


@breaks("CI-01.1/T2", "the batch of acquisition 'history' in its connection's list later on")
def relabels_earlier_batches(services: Services) -> Services:
    """What is told of how a batch came is kept with the connection, where the latest run writes it."""
    return spoil(services, _OfTheLatestPath)


class _LeavesImportsOpen(Behind):
    def update_batch(self, batch: Batch) -> None:
        if batch.artifact is None:
            self.real.update_batch(batch)


@breaks("CI-01.1/T2", "a final receipt of acquisition 'history'")
@breaks("CI-01.3/T2", "a final receipt of acquisition 'newer'")
def never_closes_imports(services: Services) -> Services:
    """Only runs write a receipt when they are over."""
    return spoil(services, _LeavesImportsOpen)


class _OneOfAName(Behind):
    def batches(self, connection_id: str, after: int = 0, limit: int = 100) -> list[tuple[int, Batch]]:
        found: list[tuple[int, Batch]] = self.real.batches(connection_id, after, limit)
        latest = {each.artifact.name if each.artifact else each.batch_id: each.batch_id for _, each in found}
        return [(position, each) for position, each in found if each.batch_id in latest.values()]


@breaks("CI-01.3/T2", "the batch of acquisition 'newer' in its connection's list later on")
def keeps_one_receipt_for_a_name(services: Services) -> Services:
    """A second artifact of one name takes the place of the first one's receipt."""
    return spoil(services, _OneOfAName)


class _OneOfAPath(Behind):
    def batches(self, connection_id: str, after: int = 0, limit: int = 100) -> list[tuple[int, Batch]]:
        found: list[tuple[int, Batch]] = self.real.batches(connection_id, after, limit)
        return list({each.path: (position, each) for position, each in found}.values())


@breaks("CI-01.3/T2", "the batch of acquisition 'newer' in its connection's list later on")
@breaks("CI-02/fifty-later/T2", "53 batches of the connection; seen 2 batches")
def shows_the_latest_batch_of_a_path(services: Services) -> Services:
    """Batches are shown by path, one each."""
    return spoil(services, _OneOfAPath)


class _ReceiptsOfTheFirst(Behind):
    def update_batch(self, batch: Batch) -> None:
        first = next(each for _, each in self.real.batches(batch.connection_id) if each.path == batch.path)
        self.real.update_batch(_replace(batch, batch_id=first.batch_id, run_id=first.run_id))


@breaks("CI-01.3/T2", "the batch of acquisition 'newer' in its connection's list later on")
def writes_receipts_into_the_first_batch(services: Services) -> Services:
    """A receipt is written to the first batch of its path."""
    return spoil(services, _ReceiptsOfTheFirst)


class _Pruned(Behind):
    def batches(self, connection_id: str, after: int = 0, limit: int = 100) -> list[tuple[int, Batch]]:
        every: list[tuple[int, Batch]] = self.real.batches(connection_id, 0, 1000)
        return [each for each in every[-50:] if each[0] > after][:limit]


@breaks("CI-02/fifty-later/T1", "in the end; seen []")
@breaks("CI-02/fifty-later/T2", "the batch of acquisition 'history' in its connection's list later on")
def keeps_fifty_batches(services: Services) -> Services:
    """A connection's latest fifty batches are kept."""
    return spoil(services, _Pruned)


class _FirstPage(Behind):
    def batches(self, connection_id: str, after: int = 0, limit: int = 100) -> list[tuple[int, Batch]]:
        found: list[tuple[int, Batch]] = self.real.batches(connection_id, after, min(limit, 50))
        return found


@breaks("CI-02/fifty-later/T2", "53 batches of the connection; seen 50 batches")
def shows_the_first_page_of_batches(services: Services) -> Services:
    """More than fifty batches are never listed, and nothing says that there are more."""
    return spoil(services, _FirstPage)
