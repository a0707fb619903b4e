"""What a write is called in storage, and the write with that name."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain.entities import RecordWrite


class Incoming(RecordWrite, frozen=True, gc=False):
    """A write and its `identity`, by which storage finds the record that it is about."""

    identity: str


def identity(connection_id: str, stream: str, record_id: str) -> str:
    """What stands for the three in the index that keeps records apart: 22 characters.

    The index is as wide as what is in it, and each new record dirties a page somewhere in it: the three
    themselves are three times as wide. SHA-256, cut to 16 bytes, because PostgreSQL can make it, too.
    """
    # No NUL can be stored, so that no other three have the same text.
    whole = "\0".join((connection_id, stream, record_id)).encode("utf-8", "surrogatepass")
    return b64encode(sha256(whole).digest()[:16])[:22].decode("ascii")


def incoming(batch: RecordBatch) -> dict[str, Incoming]:
    """The writes of a batch by record id; of several of one record the last."""
    return {
        write.record_id: Incoming(
            write.record_id,
            write.key,
            write.data,
            write.emitted_at,
            identity(batch.connection_id, batch.stream, write.record_id),
        )
        for write in batch.records
    }
