"""The runs of a source, in order, without reading the events that belong to no run."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Index the spine by source and run; of a long spine this reads every event once."""
    of_runs = sa.column("run_id").is_not(None)
    op.create_index(
        "ix_spine_events_source_run",
        "spine_events",
        ["source_kind", "source_id", "run_id", "occurred_at"],
        sqlite_where=of_runs,
        postgresql_where=of_runs,
    )


def downgrade() -> None:
    """Without it, as databases were that are older than this revision."""
    op.drop_index("ix_spine_events_source_run", "spine_events")
