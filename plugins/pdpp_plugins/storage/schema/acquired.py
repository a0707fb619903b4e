"""What runs and imports leave: records and their history, batches, cursors."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from pdpp_host.domain.entities import Artifact, BatchCounts, CoverageClaim
from pdpp_plugins.storage.columns import Instant, Json, Words
from pdpp_plugins.storage.schema.whole import SERIAL, metadata

# `data` is JSON text: looked at once where records are written, and never compared by the database.
records = Table(
    "records",
    metadata,
    Column("position", SERIAL, primary_key=True),
    Column("connection_id", Words, nullable=False),
    Column("stream", Words, nullable=False),
    Column("record_id", Words, nullable=False),
    Column("path", Integer, nullable=False),
    Column("key", Words, nullable=False),
    Column("data", Text),
    Column("emitted_at", Words, nullable=False),
    Column("seen_by", BigInteger, nullable=False),
    Column("batch_id", Words, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("written_at", Instant, nullable=False),
    # The last refreshing batch that found the record unchanged.
    Column("met_by", Words),
    # Of connection, stream and record id: see `incoming.fingerprint`. Writers, who come one after the other,
    # keep records apart; two of one fingerprint may well be there.
    Column("fingerprint", BigInteger, nullable=False),
)
Index("ix_records_fingerprint", records.c.fingerprint)
_LIVE = ~records.c.deleted
# With the paths that have seen a record, so that what one path or method alone has seen is counted here.
Index(
    "ix_records_live_seen",
    records.c.connection_id,
    records.c.stream,
    records.c.position,
    records.c.seen_by,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)

# Versions that were superseded, as they were; the newest version of a record is the record. A copy of
# that one too would double the bytes written for every new record and cost a third of the throughput.
record_history = Table(
    "record_history",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("path", Integer, nullable=False),
    Column("key", Words, nullable=False),
    Column("data", Text),
    Column("emitted_at", Words, nullable=False),
    Column("batch_id", Words, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("written_at", Instant, nullable=False),
)

batches = Table(
    "batches",
    metadata,
    Column("position", SERIAL, primary_key=True),
    Column("batch_id", Words, nullable=False),
    Column("connection_id", Words, nullable=False),
    Column("path", Integer, nullable=False),
    Column("method", Words, nullable=False),
    Column("run_id", Words, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("connector_key", Words, nullable=False),
    Column("parser_version", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("finished_at", Instant),
    Column("counts", Json(BatchCounts), nullable=False),
    Column("coverage", Json(tuple[CoverageClaim, ...]), nullable=False),
    Column("artifact", Json(Artifact)),
    Column("artifact_sha256", Words),
    UniqueConstraint("batch_id", name="uq_batches_id"),
)
Index("ix_batches_connection", batches.c.connection_id, batches.c.position)
_OF_ARTIFACTS = batches.c.artifact_sha256.is_not(None)
Index(
    "ix_batches_artifact",
    batches.c.connection_id,
    batches.c.artifact_sha256,
    sqlite_where=_OF_ARTIFACTS,
    postgresql_where=_OF_ARTIFACTS,
)

stream_state = Table(
    "stream_state",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("path", Integer, primary_key=True),
    Column("stream", Words, primary_key=True),
    Column("cursor", Json(), nullable=False),
    Column("run_id", Words),
    Column("updated_at", Instant, nullable=False),
)
