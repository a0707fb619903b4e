"""What summaries are made from: an evidence row a connection, what it retains, its open gaps, its surface."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Compared byte by byte on either database.
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_RUN = (
    "run_id, connection_id, path, batch_id, status, scope, narrowed, started_at, finished_at, profile_key,"
    " terminal_reason, violation, known_gaps, checkpoint, records, imported"
)


def upgrade() -> None:
    """Runs get an order; the rest is counted from what is there, and folded when it is first read."""
    _aside("runs")
    _make_runs(ordered=True)
    op.execute(f"INSERT INTO runs ({_RUN}) SELECT {_RUN} FROM runs_before ORDER BY started_at, run_id")
    op.drop_table("runs_before")
    op.create_index("ix_connections_order", "connections", ["created_at", "connection_id"])
    _make_evidence()
    _make_retained()
    _make_facts()
    op.execute(
        "INSERT INTO evidence (connection_id, version, folded) SELECT connection_id, 1, 0 FROM connections"
    )
    size = (
        "octet_length(data)" if op.get_bind().dialect.name == "postgresql" else "length(CAST(data AS BLOB))"
    )
    op.execute(
        "INSERT INTO retained (connection_id, stream, records, bytes, last_written_at)"
        f" SELECT connection_id, stream, count(*), sum({size}), max(written_at) FROM records"
        " WHERE NOT deleted GROUP BY connection_id, stream"
    )
    op.execute(
        "INSERT INTO profile_keys (profile_key, connection_id) SELECT browser_profile_key, min(connection_id)"
        " FROM paths WHERE browser_profile_key IS NOT NULL GROUP BY browser_profile_key"
    )
    _open_gaps()


def downgrade() -> None:
    """As it was: all of this can be counted again."""
    for table in ("schedules", "profile_keys", "surfaces", "path_gaps", "retained", "evidence"):
        op.drop_table(table)
    op.drop_index("ix_connections_order", "connections")
    for name in ("ix_runs_connection", "ix_runs_succeeded", "ix_runs_profile"):
        op.drop_index(name, "runs")
    _aside("runs")
    _make_runs(ordered=False)
    op.execute(f"INSERT INTO runs ({_RUN}) SELECT {_RUN} FROM runs_before")
    op.drop_table("runs_before")


def _aside(table: str) -> None:
    op.execute(f"CREATE TABLE {table}_before AS SELECT * FROM {table}")
    op.drop_table(table)


def _make_runs(ordered: bool) -> None:
    position = [sa.Column("position", _SERIAL, primary_key=True)] if ordered else []
    op.create_table(
        "runs",
        *position,
        sa.Column("run_id", _WORDS, primary_key=not ordered, nullable=False),
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
        sa.Column("imported", sa.Boolean(), nullable=False, server_default=sa.false()),
        *([sa.UniqueConstraint("run_id", name="uq_runs_id")] if ordered else []),
    )
    if ordered:
        succeeded = sa.column("status") == sa.literal_column("'completed'")
        keyed = sa.column("profile_key").is_not(None)
        op.create_index("ix_runs_connection", "runs", ["connection_id", "position"])
        op.create_index(
            "ix_runs_succeeded",
            "runs",
            ["connection_id", "position"],
            sqlite_where=succeeded,
            postgresql_where=succeeded,
        )
        op.create_index(
            "ix_runs_profile", "runs", ["profile_key", "position"], sqlite_where=keyed, postgresql_where=keyed
        )


def _make_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("fold", sa.Text()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("folded", sa.BigInteger(), nullable=False),
        sa.Column("failed", _WORDS),
    )


def _make_retained() -> None:
    op.create_table(
        "retained",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("stream", _WORDS, primary_key=True),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("last_written_at", _WORDS),
    )


def _make_facts() -> None:
    op.create_table(
        "path_gaps",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("path", sa.Integer(), primary_key=True),
        sa.Column("gaps", sa.Text(), nullable=False),
    )
    op.create_table(
        "surfaces",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("surface", sa.Text(), nullable=False),
    )
    op.create_table(
        "profile_keys",
        sa.Column("profile_key", _WORDS, primary_key=True),
        sa.Column("connection_id", _WORDS, nullable=False),
    )
    op.create_index("ix_profile_keys_connection", "profile_keys", ["connection_id"])
    op.create_table(
        "schedules",
        sa.Column("connection_id", _WORDS, primary_key=True),
        sa.Column("interval_seconds", sa.BigInteger(), nullable=False),
    )


def _in_short(gap: dict[str, object]) -> dict[str, object]:
    """As gaps are kept beside their path: without diagnostics, with the beginning of their words."""
    cut = {"message": 500, "partitions": 100}
    short = {name: part[: cut[name]] if name in cut else part for name, part in gap.items()}  # type: ignore[index]
    return {name: part for name, part in short.items() if name != "diagnostics"}


def _open_gaps() -> None:
    """A whole run that succeeded replaces its path's open gaps by its own, every other one adds its own."""
    asked = "SELECT connection_id, path, status, narrowed, imported, known_gaps FROM runs ORDER BY position"
    open_gaps: dict[tuple[str, int], list[object]] = {}
    for connection_id, path, status, narrowed, imported, known in op.get_bind().exec_driver_sql(asked):
        kept = open_gaps.setdefault((connection_id, path), [])
        if status == "completed" and not narrowed and not imported:
            kept.clear()
        kept += [gap for gap in map(_in_short, json.loads(known)) if gap not in kept]
    rows = [
        {"connection_id": connection_id, "path": path, "gaps": json.dumps(gaps, separators=(",", ":"))}
        for (connection_id, path), gaps in open_gaps.items()
        if gaps
    ]
    if rows:
        table = sa.table("path_gaps", *(sa.column(name) for name in rows[0]))
        op.get_bind().execute(sa.insert(table), rows)
