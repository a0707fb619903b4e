"""Runs, the leases that they hold, and the events of the spine."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, Table, UniqueConstraint, false, literal_column

from pdpp_host.domain.entities import Counts, Gap, Violation
from pdpp_plugins.storage.columns import Instant, Json, Words
from pdpp_plugins.storage.schema.whole import SERIAL, metadata

runs = Table(
    "runs",
    metadata,
    Column("position", SERIAL, primary_key=True),
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
    Column("event_id", SERIAL, primary_key=True),
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

leases = Table(
    "leases",
    metadata,
    Column("connection_id", Words, primary_key=True),
    Column("run_id", Words, nullable=False),
    Column("holder", Words, nullable=False),
    Column("taken_at", Instant, nullable=False),
)
