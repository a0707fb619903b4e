"""The first tables: connectors, connections, runs, the spine, records and what goes with them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Compared byte by byte on either database.
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table of the first release."""
    _configured()
    _collecting()
    _collected()


def _configured() -> None:
    op.create_table(
        "connectors",
        sa.Column("connector_key", _WORDS, primary_key=True),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
    )
    op.create_table(
        "connections",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("connector_key", _WORDS, nullable=False),
        sa.Column("display_name", _WORDS, nullable=False),
        sa.Column("created_at", _WORDS, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "paths",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("ordinal", sa.Integer(), primary_key=True),
        sa.Column("connector_key", _WORDS, nullable=False),
        sa.Column("method", _WORDS, nullable=False),
        sa.Column("binding", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", _WORDS, nullable=False),
        sa.Column("since", _WORDS),
        sa.Column("browser_profile_key", _WORDS),
    )


def _collecting() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", _WORDS, primary_key=True),
        sa.Column("connection_id", _WORDS, nullable=False),
        sa.Column("path", sa.Integer(), nullable=False),
        sa.Column("batch_id", _WORDS, nullable=False),
        sa.Column("status", _WORDS, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("narrowed", sa.Boolean(), nullable=False),
        sa.Column("started_at", _WORDS, nullable=False),
        sa.Column("finished_at", _WORDS),
        sa.Column("profile_key", _WORDS),
        sa.Column("terminal_reason", _WORDS),
        sa.Column("violation", sa.Text()),
        sa.Column("known_gaps", sa.Text(), nullable=False),
        sa.Column("checkpoint", _WORDS, nullable=False),
        sa.Column("records", sa.Text(), nullable=False),
    )
    op.create_table(
        "spine_events",
        sa.Column("event_id", _SERIAL, primary_key=True),
        sa.Column("source_kind", _WORDS, nullable=False),
        sa.Column("source_id", _WORDS, nullable=False),
        sa.Column("run_id", _WORDS),
        sa.Column("occurred_at", _WORDS, nullable=False),
        sa.Column("event_type", _WORDS, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
    )
    op.create_index("ix_spine_events_run", "spine_events", ["run_id", "event_id"])
    op.create_table(
        "batches",
        sa.Column("batch_id", _WORDS, primary_key=True),
        sa.Column("connection_id", _WORDS, nullable=False),
        sa.Column("path", sa.Integer(), nullable=False),
        sa.Column("method", _WORDS, nullable=False),
        sa.Column("run_id", _WORDS, nullable=False),
        sa.Column("started_at", _WORDS, nullable=False),
        sa.Column("status", _WORDS, nullable=False),
        sa.Column("finished_at", _WORDS),
        sa.Column("counts", sa.Text(), nullable=False),
    )
    op.create_table(
        "stream_state",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("path", sa.Integer(), primary_key=True),
        sa.Column("stream", _WORDS, primary_key=True),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("run_id", _WORDS),
        sa.Column("updated_at", _WORDS, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("run_id", _WORDS, nullable=False),
        sa.Column("holder", _WORDS, nullable=False),
        sa.Column("taken_at", _WORDS, nullable=False),
    )


def _collected() -> None:
    op.create_table(
        "records",
        sa.Column("position", _SERIAL, primary_key=True),
        sa.Column("connection_id", _WORDS, nullable=False),
        sa.Column("stream", _WORDS, nullable=False),
        sa.Column("record_id", _WORDS, nullable=False),
        sa.Column("path", sa.Integer(), nullable=False),
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("data", sa.Text()),
        sa.Column("emitted_at", _WORDS, nullable=False),
        sa.Column("seen_by", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", _WORDS, nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", _WORDS, nullable=False),
        sa.UniqueConstraint("connection_id", "stream", "record_id", name="uq_records_identity"),
    )
    live = ~sa.column("deleted", sa.Boolean())
    op.create_index(
        "ix_records_live",
        "records",
        ["connection_id", "stream", "position"],
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "record_history",
        sa.Column("position", sa.BigInteger(), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("path", sa.Integer(), nullable=False),
        sa.Column("key", _WORDS, nullable=False),
        sa.Column("data", sa.Text()),
        sa.Column("emitted_at", _WORDS, nullable=False),
        sa.Column("batch_id", _WORDS, nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("written_at", _WORDS, nullable=False),
    )
