"""Records are found by a digest of connection, stream and record id, not by these three themselves."""

import sqlite3
from base64 import b64encode
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# Compared byte by byte on either database.
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COLUMNS = (
    "position, connection_id, stream, record_id, path, key, data, emitted_at, seen_by, batch_id, deleted,"
    " version, written_at, met_by"
)
_NAMED_BY_THE_SERVER = """
UPDATE records SET identity = rtrim(encode(substring(sha256(
    convert_to(connection_id, 'UTF8') || decode('00', 'hex') || convert_to(stream, 'UTF8')
    || decode('00', 'hex') || convert_to(record_id, 'UTF8')
) FROM 1 FOR 16), 'base64'), '=')
"""


def upgrade() -> None:
    """Give each record its digest; of many this takes a while, and room: SQLite copies their table."""
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("records", sa.Column("identity", _WORDS))
        op.execute(_NAMED_BY_THE_SERVER)
        op.alter_column("records", "identity", nullable=False)
        op.drop_constraint("uq_records_identity", "records")
        op.create_unique_constraint("uq_records_identity", "records", ["identity"])
        return
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.create_function("pdpp_identity", 3, _identity, deterministic=True)
    _make("records_after", sa.Column("identity", _WORDS, nullable=False), ["identity"])
    op.execute(
        f"INSERT INTO records_after ({_COLUMNS}, identity)"
        f" SELECT {_COLUMNS}, pdpp_identity(connection_id, stream, record_id) FROM records ORDER BY position"
    )
    _instead("records_after")


def downgrade() -> None:
    """As it was: the digests can be made again."""
    identity = ["connection_id", "stream", "record_id"]
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("uq_records_identity", "records")
        op.create_unique_constraint("uq_records_identity", "records", identity)
        op.drop_column("records", "identity")
        return
    _make("records_before", None, identity)
    op.execute(f"INSERT INTO records_before ({_COLUMNS}) SELECT {_COLUMNS} FROM records ORDER BY position")
    _instead("records_before")


def _identity(connection_id: str, stream: str, record_id: str) -> str:
    whole = "\0".join((connection_id, stream, record_id)).encode()
    return b64encode(sha256(whole).digest()[:16])[:22].decode("ascii")


def _make(name: str, more: sa.Column[str] | None, identity: list[str]) -> None:
    op.create_table(
        name,
        sa.Column("position", sa.Integer(), primary_key=True),
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
        sa.Column("met_by", _WORDS),
        *([] if more is None else [more]),
        sa.UniqueConstraint(*identity, name="uq_records_identity"),
    )


def _instead(name: str) -> None:
    """Put a table in the place of the records, with the index of live ones, which goes by the table."""
    op.drop_table("records")
    op.rename_table(name, "records")
    op.create_index(
        "ix_records_live_seen",
        "records",
        ["connection_id", "stream", "position", "seen_by"],
        sqlite_where=~sa.column("deleted", sa.Boolean()),
    )
