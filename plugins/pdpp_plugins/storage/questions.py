"""The questions that a view puts to the database."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, bindparam, func, select

from pdpp_host.domain import entities
from pdpp_plugins.storage import schema
from pdpp_plugins.storage.schema import records


def _fields(table: Table, entity: type[msgspec.Struct]) -> list[ColumnElement[Any]]:
    """The columns of an entity's fields, in the order in which its constructor takes them."""
    return [table.c[name] for name in entity.__struct_fields__]


CONNECTORS = select(*_fields(schema.connectors, entities.Connector)).order_by(
    schema.connectors.c.connector_key
)
CONNECTIONS = select(*_fields(schema.connections, entities.Connection)).order_by(
    schema.connections.c.created_at, schema.connections.c.connection_id
)
PATHS = select(*_fields(schema.paths, entities.Path)).order_by(schema.paths.c.ordinal)
RUNS = select(*_fields(schema.runs, entities.Run))
EVENTS = select(*_fields(schema.spine_events, entities.SpineEvent)).order_by(schema.spine_events.c.event_id)
CURSORS = select(schema.stream_state.c.stream, schema.stream_state.c.cursor)
RECORDS = select(*_fields(records, entities.StoredRecord)).order_by(records.c.position)

LEASES = select(*_fields(schema.leases, entities.Lease)).order_by(schema.leases.c.connection_id)
BATCHES = select(*_fields(schema.batches, entities.Batch)).order_by(schema.batches.c.position)
PROOFS = select(*_fields(schema.proofs, entities.LinkProof)).order_by(schema.proofs.c.position)
RULES = select(*_fields(schema.identity_rules, entities.InstalledRule)).order_by(schema.identity_rules.c.name)

# What a batch of records finds there already, when asked for the fingerprints in it.
STORED_RECORDS = select(
    records.c.position,
    records.c.record_id,
    records.c.key,
    records.c.data,
    records.c.seen_by,
    records.c.deleted,
).where(records.c.connection_id == bindparam("connection"), records.c.stream == bindparam("of_stream"))

NAMED_RECORD = RECORDS.where(
    records.c.stream == bindparam("of_stream"), records.c.record_id == bindparam("id"), ~records.c.deleted
)

# Answered by the index of live records alone.
EVIDENCE = (
    select(records.c.stream, records.c.seen_by, func.count())
    .where(records.c.connection_id == bindparam("connection"), ~records.c.deleted)
    .group_by(records.c.stream, records.c.seen_by)
    .order_by(records.c.stream, records.c.seen_by)
)
BATCHES_OF = BATCHES.where(
    schema.batches.c.connection_id == bindparam("connection"),
    schema.batches.c.artifact_sha256 == bindparam("digest"),
    schema.batches.c.artifact_sha256.is_not(None),
)
UNSEEN = (
    select(records.c.position, records.c.record_id, records.c.key, records.c.data, records.c.seen_by)
    .where(
        records.c.connection_id == bindparam("connection"),
        records.c.stream == bindparam("of_stream"),
        ~records.c.deleted,
        records.c.position > bindparam("after"),
        records.c.batch_id != bindparam("batch"),
        records.c.met_by.is_distinct_from(bindparam("batch")),
    )
    .order_by(records.c.position)
    .limit(bindparam("page"))
)

LIVE_BY_STREAM = select(records.c.stream, records.c.connection_id, func.count().label("live")).where(
    ~records.c.deleted
)
