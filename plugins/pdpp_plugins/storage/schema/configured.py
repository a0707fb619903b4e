"""What an owner configures: connectors, connections and their paths, rules and schedules."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from pdpp_host.domain.entities import Source
from pdpp_host.domain.manifest import Manifest
from pdpp_plugins.storage.columns import Instant, Json, Words
from pdpp_plugins.storage.schema.whole import SERIAL, metadata

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

proofs = Table(
    "proofs",
    metadata,
    Column("position", SERIAL, primary_key=True),
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
