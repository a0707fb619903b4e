"""The tables; a column that holds an entity's field has the field's name.

No foreign keys are declared: the host checks what it refers to in the transaction in which it writes,
and a look-up of connection and batch for every record written would buy nothing but time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
)

from pdpp_host.domain.entities import Artifact, BatchCounts, Counts, CoverageClaim, Gap, Source, Violation
from pdpp_host.domain.evidence import SurfaceEvidence
from pdpp_host.domain.manifest import Manifest
from pdpp_plugins.storage.columns import Instant, Json, Words

# Only a column whose type is spelled INTEGER is the rowid itself on SQLite.
_SERIAL = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

connectors = Table(
    "connectors",
    metadata,
    Column("connector_key", Words, primary_key=True),
    Column("manifest", Json(Manifest), nullable=False),
    Column("command", Json(tuple[str, ...]), nullable=False),
    Column("environment", Json(dict[str, str]), nullable=False),
)

connections = Table(
    "connections",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("connector_key", Words, nullable=False),
    Column("display_name", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("superseded_by", Words),
    Index("ix_connections_order", "created_at", "connection_id"),
)

paths = Table(
    "paths",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("connector_key", Words, nullable=False),
    Column("method", Words, nullable=False),
    Column("binding", Json(dict[str, str]), nullable=False),
    Column("source", Json(Source), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("since", Words),
    Column("browser_profile_key", Words),
)

runs = Table(
    "runs",
    metadata,
    Column("position", _SERIAL, primary_key=True),
    Column("run_id", Words, nullable=False),
    Column("connection_id", Words, nullable=False),
    Column("path", Integer, nullable=False),
    Column("batch_id", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("scope", Json(dict[str, Any]), nullable=False),
    Column("narrowed", Boolean, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("profile_key", Words),
    Column("terminal_reason", Words),
    Column("violation", Json(Violation)),
    Column("known_gaps", Json(tuple[Gap, ...]), nullable=False),
    Column("checkpoint", Words, nullable=False),
    Column("records", Json(Counts), nullable=False),
    Column("imported", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("run_id", name="uq_runs_id"),
)
Index("ix_runs_connection", runs.c.connection_id, runs.c.position)
# Spelt out, not bound: only so does SQLite know that a question asks for no more.
SUCCEEDED = runs.c.status == literal_column("'completed'")
Index(
    "ix_runs_succeeded",
    runs.c.connection_id,
    runs.c.position,
    sqlite_where=SUCCEEDED,
    postgresql_where=SUCCEEDED,
)
_KEYED = runs.c.profile_key.is_not(None)
Index("ix_runs_profile", runs.c.profile_key, runs.c.position, sqlite_where=_KEYED, postgresql_where=_KEYED)

spine_events = Table(
    "spine_events",
    metadata,
    Column("event_id", _SERIAL, primary_key=True),
    Column("source_kind", Words, nullable=False),
    Column("source_id", Words, nullable=False),
    Column("run_id", Words),
    Column("occurred_at", Instant, nullable=False),
    Column("event_type", Words, nullable=False),
    Column("data", Json(dict[str, Any]), nullable=False),
    Index("ix_spine_events_run", "run_id", "event_id"),
)
_OF_RUNS = spine_events.c.run_id.is_not(None)
Index(
    "ix_spine_events_source_run",
    spine_events.c.source_kind,
    spine_events.c.source_id,
    spine_events.c.run_id,
    spine_events.c.occurred_at,
    sqlite_where=_OF_RUNS,
    postgresql_where=_OF_RUNS,
)

# `data` is JSON text: looked at once where records are written, and never compared by the database.
records = Table(
    "records",
    metadata,
    Column("position", _SERIAL, primary_key=True),
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
    UniqueConstraint("connection_id", "stream", "record_id", name="uq_records_identity"),
)
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
    Column("position", _SERIAL, primary_key=True),
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

proofs = Table(
    "proofs",
    metadata,
    Column("position", _SERIAL, primary_key=True),
    Column("connection_id", Words, nullable=False),
    Column("path", Integer, nullable=False),
    Column("with_path", Integer, nullable=False),
    Column("rule", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("proved_at", Instant, nullable=False),
    Column("from_connection", Words),
    Index("ix_proofs_connection", "connection_id"),
    Index("ix_proofs_from", "from_connection"),
)

identity_rules = Table(
    "identity_rules",
    metadata,
    Column("name", Words, primary_key=True),
    Column("installed_at", Instant, nullable=False),
    Column("declared", Json(dict[str, Any])),
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

leases = Table(
    "leases",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("run_id", Words, nullable=False),
    Column("holder", Words, nullable=False),
    Column("taken_at", Instant, nullable=False),
)

# One row a connection. `fold` is the text of an Evidence, as it was at the version `folded`; what has changed
# since then is behind the difference of the two.
evidence = Table(
    "evidence",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("fold", Text),
    Column("version", BigInteger, nullable=False),
    Column("folded", BigInteger, nullable=False),
    Column("failed", Words),
)

# Kept in the transaction of each write, so that no record is ever counted.
retained = Table(
    "retained",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("stream", Words, primary_key=True),
    Column("records", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("last_written_at", Instant),
)

path_gaps = Table(
    "path_gaps",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("path", Integer, primary_key=True),
    Column("gaps", Json(tuple[Gap, ...]), nullable=False),
)

surfaces = Table(
    "surfaces",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("surface", Json(SurfaceEvidence), nullable=False),
)

profile_keys = Table(
    "profile_keys",
    metadata,
    Column("profile_key", Words, primary_key=True),
    Column("connection_id", Words, nullable=False),
    Index("ix_profile_keys_connection", "connection_id"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("interval_seconds", BigInteger, nullable=False),
)
