"""Hosts that name records by less than what makes them different, or by more: CI-01.1, CI-03.1."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from pdpp_host.arguments import RecordBatch, RecordQuery
from pdpp_host.domain.entities import Counts, StoredRecord
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil

Naming = Callable[[str, int, str, str, str | None], str]


def _named(services: Services, naming: Naming) -> Services:
    return dataclasses.replace(services, record_id=naming)


@breaks("CI-01.1/T3", "in the list; seen a (note 11507a0e2f5e) 1 times, b")
def names_records_without_their_path(services: Services) -> Services:
    """A record is named by connection, stream and key, so that one method's replaces another's."""
    return _named(
        services, lambda conn, path, stream, key, logical: services.record_id(conn, 0, stream, key, logical)
    )


@breaks("CI-01/one-record/T1", "2 times")
def knows_no_logical_records(services: Services) -> Services:
    """What a rule calls one record is kept once for each path."""
    return _named(
        services, lambda conn, path, stream, key, logical: services.record_id(conn, path, stream, key, None)
    )


@breaks("CI-01/one-record/T1", "2 times")
def names_logical_records_by_path(services: Services) -> Services:
    """The name that a rule gives is put in place of the key, and the path is left in."""

    def naming(connection: str, path: int, stream: str, key: str, logical: str | None) -> str:
        return services.record_id(connection, path, stream, logical or key, None)

    return _named(services, naming)


@breaks("CI-03.1/T2", "by id; seen")
def names_records_without_their_connection(services: Services) -> Services:
    """A record's name is the same in each connection that has its key, and the first of them is shown."""
    return _named(
        services, lambda conn, path, stream, key, logical: services.record_id("", 0, stream, key, logical)
    )


class _OneOfAKey(Behind):
    def records(self, query: RecordQuery) -> list[StoredRecord]:
        found: list[StoredRecord] = self.real.records(query)
        return list({each.key: each for each in found}.values())


@breaks("CI-01.1/T3", "in the list; seen a (note 11507a0e2f5e) 1 times, b")
def lists_one_record_of_a_key(services: Services) -> Services:
    """A list shows the latest of the records that have one key, whichever paths they are of."""
    return spoil(services, _OneOfAKey)


class _CountsSightings(Behind):
    def streams(self, connections: Sequence[str]) -> list[tuple[str, str, int]]:
        seen: Counter[tuple[str, str]] = Counter()
        for connection in connections:
            for stream, paths, count in self.real.evidence(connection):
                seen[stream, connection] += count * int(paths).bit_count()
        return [(*key, count) for key, count in sorted(seen.items())]


@breaks("CI-01/one-record/T1", "in the count")
def counts_sightings(services: Services) -> Services:
    """A record counts once for each path that has seen it."""
    return spoil(services, _CountsSightings)


class _CountsByStream(Behind):
    def streams(self, connections: Sequence[str]) -> list[tuple[str, str, int]]:
        every = [each.connection_id for each in self.real.connections()]
        totals: Counter[str] = Counter()
        for stream, _, count in self.real.streams(every):
            totals[stream] += count
        return [(stream, conn, totals[stream]) for stream, conn, _ in self.real.streams(connections)]


@breaks("CI-03.1/T2", "in the count")
@breaks("CI-03.4/T1", "in the count")
@breaks("CI-03.4/T2", "in the count")
def counts_by_stream(services: Services) -> Services:
    """A stream's records are counted whatever connection they are of."""
    return spoil(services, _CountsByStream)


class _OfTheFirst(Behind):
    def write_records(self, batch: RecordBatch) -> Counts:
        account = self._account(batch.connection_id)
        for each in self.real.connections():
            if account is not None and self._account(each.connection_id) == account:
                batch = msgspec.structs.replace(batch, connection_id=each.connection_id)
                break
        counts: Counts = self.real.write_records(batch)
        return counts

    def _account(self, connection_id: str) -> str | None:
        found = (path.binding.get("account") for path in self.real.paths(connection_id))
        return next(filter(None, found), None)


@breaks("CI-03.2/T2", "of 'first' in the list; seen a (note ca978112ca1b) 1 times, c (note")
def writes_to_the_first_of_an_account(services: Services) -> Services:
    """Records go to the first connection that is known under their connection's address."""
    return spoil(services, _OfTheFirst)
