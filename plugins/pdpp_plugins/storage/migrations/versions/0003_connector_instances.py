"""What belongs to acquisition paths: provenance of batches, proofs, identity rules, who has seen a record."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Compared byte by byte on either database.
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KEPT = "batch_id, connection_id, path, method, run_id, started_at, status, finished_at"


def upgrade() -> None:
    """Batches get an order and a provenance; of old ones it is known which connector their path has."""
    op.add_column("connections", sa.Column("superseded_by", _WORDS))
    op.add_column("runs", sa.Column("imported", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("records", sa.Column("met_by", _WORDS))
    _index_live("ix_records_live_seen", ["connection_id", "stream", "position", "seen_by"], "ix_records_live")
    # Aside and made anew: renamed, the old table would keep the names of the new one's indexes.
    _aside()
    _make_batches()
    op.execute(
        f"INSERT INTO batches ({_KEPT}, connector_key, parser_version, counts, coverage)"
        f" SELECT {_KEPT}, coalesce((SELECT connector_key FROM paths"
        " WHERE paths.ordinal = batches_before.path"
        " AND paths.connection_id = batches_before.connection_id), ''), '', '{}', '[]'"
        " FROM batches_before ORDER BY started_at, batch_id"
    )
    op.drop_table("batches_before")
    _make_identity()


def downgrade() -> None:
    """As it was; what only this revision can hold is lost."""
    op.drop_table("identity_rules")
    op.drop_table("proofs")
    op.drop_index("ix_batches_artifact", "batches")
    op.drop_index("ix_batches_connection", "batches")
    _aside()
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
    op.execute(f"INSERT INTO batches ({_KEPT}, counts) SELECT {_KEPT}, '{{}}' FROM batches_before")
    op.drop_table("batches_before")
    _index_live("ix_records_live", ["connection_id", "stream", "position"], "ix_records_live_seen")
    op.drop_column("records", "met_by")
    op.drop_column("runs", "imported")
    op.drop_column("connections", "superseded_by")


def _aside() -> None:
    op.execute("CREATE TABLE batches_before AS SELECT * FROM batches")
    op.drop_table("batches")


def _index_live(name: str, columns: list[str], instead_of: str) -> None:
    live = ~sa.column("deleted", sa.Boolean())
    op.drop_index(instead_of, "records", if_exists=True)
    op.create_index(name, "records", columns, sqlite_where=live, postgresql_where=live)


def _make_batches() -> None:
    op.create_table(
        "batches",
        sa.Column("position", _SERIAL, primary_key=True),
        sa.Column("batch_id", _WORDS, nullable=False),
        sa.Column("connection_id", _WORDS, nullable=False),
        sa.Column("path", sa.Integer(), nullable=False),
        sa.Column("method", _WORDS, nullable=False),
        sa.Column("run_id", _WORDS, nullable=False),
        sa.Column("started_at", _WORDS, nullable=False),
        sa.Column("connector_key", _WORDS, nullable=False),
        sa.Column("parser_version", _WORDS, nullable=False),
        sa.Column("status", _WORDS, nullable=False),
        sa.Column("finished_at", _WORDS),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("coverage", sa.Text(), nullable=False),
        sa.Column("artifact", sa.Text()),
        sa.Column("artifact_sha256", _WORDS),
        sa.UniqueConstraint("batch_id", name="uq_batches_id"),
    )
    op.create_index("ix_batches_connection", "batches", ["connection_id", "position"])
    of_artifacts = sa.column("artifact_sha256").is_not(None)
    op.create_index(
        "ix_batches_artifact",
        "batches",
        ["connection_id", "artifact_sha256"],
        sqlite_where=of_artifacts,
        postgresql_where=of_artifacts,
    )


def _make_identity() -> None:
    op.create_table(
        "proofs",
        sa.Column("position", _SERIAL, primary_key=True),
        sa.Column("connection_id", _WORDS, nullable=False),
        sa.Column("path", sa.Integer(), nullable=False),
        sa.Column("with_path", sa.Integer(), nullable=False),
        sa.Column("rule", _WORDS, nullable=False),
        sa.Column("reason", _WORDS, nullable=False),
        sa.Column("proved_at", _WORDS, nullable=False),
        sa.Column("from_connection", _WORDS),
    )
    op.create_index("ix_proofs_connection", "proofs", ["connection_id"])
    op.create_index("ix_proofs_from", "proofs", ["from_connection"])
    op.create_table(
        "identity_rules",
        sa.Column("name", _WORDS, primary_key=True),
        sa.Column("installed_at", _WORDS, nullable=False),
        sa.Column("declared", sa.Text()),
    )
