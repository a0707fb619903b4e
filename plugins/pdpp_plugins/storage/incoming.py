"""What a write looks for in storage, and what it leaves there."""

from __future__ import annotations

from hashlib import sha256

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain.entities import RecordWrite


class Incoming(RecordWrite, frozen=True, gc=False):
    """A write and the `fingerprint` of its record, under which storage looks for it."""

    fingerprint: int


class Replacing(Incoming, frozen=True, gc=False):
    """A write to the record that is stored at `position`; without data it is deleted."""

    position: int


def fingerprint(connection_id: str, stream: str, record_id: str) -> int:
    """A number of 64 bits, signed, that tells nearly all records apart; the three names tell the rest.

    The index that records are found by is as wide as what is in it, and each new record dirties a page
    somewhere in it: the three themselves are five times as wide.
    """
    whole = "\0".join((connection_id, stream, record_id)).encode("utf-8", "surrogatepass")
    return int.from_bytes(sha256(whole).digest()[:8], "big", signed=True)


def incoming(batch: RecordBatch) -> dict[str, Incoming]:
    """The writes of a batch by record id; of several of one record the last."""
    return {
        write.record_id: Incoming(
            write.record_id,
            write.key,
            write.data,
            write.emitted_at,
            fingerprint(batch.connection_id, batch.stream, write.record_id),
        )
        for write in batch.records
    }
