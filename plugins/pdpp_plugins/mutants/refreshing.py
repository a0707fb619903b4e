"""Hosts whose refresh reaches too far, or not as far as it may: CI-02."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import msgspec

from pdpp_host.arguments import RecordBatch, UnseenQuery
from pdpp_host.domain.entities import Counts, RecordWrite, UnseenRecord
from pdpp_host.domain.manifest import StreamManifest
from pdpp_host.domain.messages import TimeRange
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil

Within = Callable[[Any, TimeRange], bool]


def _masks(services: Services, mask: Callable[[int, int, int], tuple[int, int, int]]) -> Services:
    """The services with other bits of paths than the real ones: seen by, own, within reach."""

    def reconciles(
        record: UnseenRecord, manifest: StreamManifest, window: TimeRange | None, own: int, reach: int
    ) -> bool:
        seen_by, own, reach = mask(record.seen_by, own, reach)
        record = msgspec.structs.replace(record, seen_by=seen_by)
        return services.reconciles(record, manifest, window, own, reach)

    return dataclasses.replace(services, reconciles=reconciles)


@breaks("CI-02.2/T2", "in the list; seen d (note 18ac3e7343f0) 1 times, e (note")
def forgets_who_has_seen(services: Services) -> Services:
    """A refresh removes whatever it did not see, by whichever path it came."""
    return _masks(services, lambda seen_by, own, reach: (own, own, reach))


@breaks("CI-02.2/T2", "in the list; seen c (note 2e7d2c03a950) 1 times, d (note")
def takes_a_number_for_a_bit(services: Services) -> Services:
    """The number of the refreshing path stands where its bit should."""
    return _masks(services, lambda seen_by, own, reach: (seen_by, own.bit_length() - 1, reach))


@breaks("CI-02.2/T2", "in the list; seen d (note 18ac3e7343f0) 1 times, e (note")
def crosses_by_any_proof(services: Services) -> Services:
    """A proof that two paths are one source is taken for leave to remove what the other one saw."""
    return _masks(services, lambda seen_by, own, reach: (seen_by, own, ~own))


@breaks("CI-02/both-have-seen/T1", "in the list; seen b (note 3e23e8160039) 1 times, d (note")
def is_content_to_have_seen_it(services: Services) -> Services:
    """A record that the refreshing path has seen goes, whoever else has seen it."""
    return _masks(services, lambda seen_by, own, reach: (own if seen_by & own else seen_by, own, reach))


@breaks("CI-02/both-have-seen/T1", "in the list; seen b (note 3e23e8160039) 1 times, d (note")
def keeps_the_last_sighting(services: Services) -> Services:
    """Of the paths that have seen a record only the youngest is kept."""
    return _masks(services, lambda seen_by, own, reach: (1 << (seen_by.bit_length() - 1), own, reach))


@breaks("CI-02/both-have-seen/T1", "a (note 0967115f2813) 1 times, b (note 3e23e8160039) 1 times, c (note")
@breaks(
    "CI-02/crossing/T1", "in the list; seen a (note ca978112ca1b) 1 times, b (note 3e23e8160039) 1 times, c"
)
def removes_nothing_ever(services: Services) -> Services:
    """What was collected once is never removed, whatever a refresh is entitled to."""
    return dataclasses.replace(services, reconciles=lambda *asked: False)


@breaks(
    "CI-02/crossing/T1", "in the list; seen a (note ca978112ca1b) 1 times, b (note 3e23e8160039) 1 times, c"
)
def never_crosses(services: Services) -> Services:
    """A rule's word that a refresh may cross is not heeded."""
    return _masks(services, lambda seen_by, own, reach: (seen_by, own, 0))


class _OfEveryConnection(Behind):
    def unseen(self, query: UnseenQuery) -> list[UnseenRecord]:
        found: list[UnseenRecord] = self.real.unseen(query)
        if found:
            self._sweep(query)
        return found

    def _sweep(self, query: UnseenQuery) -> None:
        batch = self.real.batch(query.connection_id, query.batch_id)
        for each in self.real.connections():
            if each.connection_id == query.connection_id:
                continue
            gone = self.real.unseen(msgspec.structs.replace(query, connection_id=each.connection_id))
            writes = tuple(RecordWrite(record.record_id, record.key, None, "") for record in gone)
            self.real.write_records(
                RecordBatch(
                    each.connection_id, batch.path, query.stream, "", batch.started_at, writes, outright=True
                )
            )


@breaks("CI-02.2/T1", "exactly the records d, e of 'second' in the list; seen nothing")
def refreshes_every_connection(services: Services) -> Services:
    """What a refresh did not see is removed from all connections that have the stream."""
    return spoil(services, _OfEveryConnection)


class _OfEveryStream(Behind):
    def write_records(self, batch: RecordBatch) -> Counts:
        counts: Counts = self.real.write_records(batch)
        if batch.outright:
            for stream, _, _ in self.real.streams([batch.connection_id]):
                names = {write.key for write in batch.records}
                query = UnseenQuery(batch.connection_id, stream, batch.batch_id)
                gone = [each for each in self.real.unseen(query) if each.key in names]
                writes = [
                    msgspec.structs.replace(batch.records[0], record_id=each.record_id, key=each.key)
                    for each in gone
                ]
                counts += self.real.write_records(
                    msgspec.structs.replace(batch, stream=stream, records=tuple(writes))
                )
        return counts


@breaks("CI-02.2/T1", "d (note 18ac3e7343f0) 1 times")
def removes_a_key_from_every_stream(services: Services) -> Services:
    """A record that is gone from one stream is removed from the others by its key."""
    return spoil(services, _OfEveryStream)
