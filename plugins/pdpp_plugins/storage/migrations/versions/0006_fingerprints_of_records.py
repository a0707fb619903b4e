"""Records are found by a number, the first half of the digest by which they were found before."""

import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# Compared byte by byte on either database.
_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COLUMNS = (
    "position, connection_id, stream, record_id, path, key, data, emitted_at, seen_by, batch_id, deleted,"
    " version, written_at, met_by"
)
_HALVED_BY_THE_SERVER = """
UPDATE records SET fingerprint = CAST(CAST('x' || encode(substring(
    decode(identity || '==', 'base64') FROM 1 FOR 8
), 'hex') AS bit(64)) AS bigint)
"""
_MADE_BY_THE_SERVER = """
UPDATE records SET identity = rtrim(encode(substring(sha256(
    convert_to(connection_id, 'UTF8') || decode('00', 'hex') || convert_to(stream, 'UTF8')
    || decode('00', 'hex') || convert_to(record_id, 'UTF8')
) FROM 1 FOR 16), 'base64'), '=')
"""


def upgrade() -> None:
    """Give each record its number; of many this takes a while, and room: SQLite copies their table."""
    if op.get_bind().dialect.name == "postgresql":
        # First, lest every row that is written find its place in an index that goes.
        op.drop_constraint("uq_records_identity", "records")
        op.add_column("records", sa.Column("fingerprint", sa.BigInteger()))
        op.execute(_HALVED_BY_THE_SERVER)
        op.alter_column("records", "fingerprint", nullable=False)
        op.drop_column("records", "identity")
    else:
        _function("pdpp_fingerprint", 1, lambda identity: _number(b64decode(identity + "==")))
        _make("records_after", sa.Column("fingerprint", sa.BigInteger(), nullable=False))
        _copy("records_after", "fingerprint", "pdpp_fingerprint(identity)")
    op.create_index("ix_records_fingerprint", "records", ["fingerprint"])


def downgrade() -> None:
    """As it was: the digests can be made again."""
    op.drop_index("ix_records_fingerprint", "records")
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("records", sa.Column("identity", _WORDS))
        op.execute(_MADE_BY_THE_SERVER)
        op.alter_column("records", "identity", nullable=False)
        op.create_unique_constraint("uq_records_identity", "records", ["identity"])
        op.drop_column("records", "fingerprint")
    else:
        _function("pdpp_identity", 3, _identity)
        whole = sa.UniqueConstraint("identity", name="uq_records_identity")
        _make("records_before", sa.Column("identity", _WORDS, nullable=False), whole)
        _copy("records_before", "identity", "pdpp_identity(connection_id, stream, record_id)")


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big", signed=True)


def _identity(connection_id: str, stream: str, record_id: str) -> str:
    whole = "\0".join((connection_id, stream, record_id)).encode()
    return b64encode(sha256(whole).digest()[:16])[:22].decode("ascii")


def _function(name: str, arguments: int, does: Callable[..., str | int]) -> None:
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.create_function(name, arguments, does, deterministic=True)


def _make(name: str, *more: sa.schema.SchemaItem) -> None:
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
        *more,
    )


def _copy(to: str, column: str, made: str) -> None:
    """Copy the records there, put it in their table's place, and make the index of live ones again."""
    op.execute(
        f"INSERT INTO {to} ({_COLUMNS}, {column}) SELECT {_COLUMNS}, {made} FROM records ORDER BY position"
    )
    op.drop_table("records")
    op.rename_table(to, "records")
    op.create_index(
        "ix_records_live_seen",
        "records",
        ["connection_id", "stream", "position", "seen_by"],
        sqlite_where=~sa.column("deleted", sa.Boolean()),
    )
