"""Hosts whose pages lose rows, or whose cursors tell of others: CI-02, CI-03.4."""

from __future__ import annotations

import dataclasses
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import msgspec

from pdpp_host.arguments import RecordQuery
from pdpp_host.domain.entities import Batch, StoredRecord
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil


class _FirstRecord(Behind):
    def records(self, query: RecordQuery) -> list[StoredRecord]:
        found: list[StoredRecord] = self.real.records(query)
        return found[:1] if query.limit == 2 else found


@breaks("CI-03.4/T1", "page by page")
def shows_the_first_page(services: Services) -> Services:
    """A reader is shown the first page, and told that there is no more."""
    return spoil(services, _FirstRecord)


@breaks("CI-03.4/T1", "in the cursors")
def names_the_next_row_in_cursors(services: Services) -> Services:
    """A cursor names the row that comes next, whosever it is, for anybody to read."""

    def cursor(seal: Callable[[str, bytes], str], purpose: str, place: bytes) -> str:
        with services.storage.read() as view:
            every = tuple(each.connection_id for each in view.connections())
            stream, position = purpose.removeprefix("page "), int.from_bytes(place, "big")
            found = view.records(RecordQuery(stream, every, position, 1))
        told = [place.hex(), found[0].record_id if found else None]
        return urlsafe_b64encode(msgspec.json.encode(told)).decode().rstrip("=")

    def place_at(unseal: Callable[[str, str], bytes | None], purpose: str, given: str) -> bytes | None:
        return bytes.fromhex(msgspec.json.decode(urlsafe_b64decode(given + "=="))[0])

    return dataclasses.replace(services, cursor=cursor, place_at=place_at)


class _SkipsOne(Behind):
    def batches(self, connection_id: str, after: int = 0, limit: int = 100) -> list[tuple[int, Batch]]:
        found: list[tuple[int, Batch]] = self.real.batches(connection_id, after, limit)
        return found[1:] if after else found


@breaks("CI-02/fifty-later/T2", "53 batches of the connection; seen 20")
def loses_a_row_between_pages(services: Services) -> Services:
    """A page of batches begins one row after its cursor's place."""
    return spoil(dataclasses.replace(services, page_rows=10), _SkipsOne)
