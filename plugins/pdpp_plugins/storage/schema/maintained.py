"""What is maintained beside what happens, for the summaries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from pdpp_host.domain.entities import Gap
from pdpp_host.domain.evidence import SurfaceEvidence
from pdpp_plugins.storage.columns import Instant, Json, Words
from pdpp_plugins.storage.schema.whole import metadata

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
