"""Answers the host's questions from one snapshot of the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row

from pdpp_host.arguments import RecordQuery, UnseenQuery
from pdpp_host.domain import entities
from pdpp_plugins.storage import questions, schema
from pdpp_plugins.storage.columns import json_text
from pdpp_plugins.storage.incoming import fingerprint
from pdpp_plugins.storage.spelling import listed
from pdpp_plugins.storage.summarising import Summarising

_Row = Row[*tuple[Any, ...]]


class View(Summarising):
    """One snapshot; the first failure ends it, so that nobody goes on with half an answer."""

    def connector(self, connector_key: str) -> entities.Connector | None:
        """The registered connector of that key."""
        rows = self._rows(questions.CONNECTORS.where(schema.connectors.c.connector_key == connector_key))
        return entities.Connector(*rows[0]) if rows else None

    def connectors(self) -> list[entities.Connector]:
        """All registered connectors, by key."""
        return [entities.Connector(*row) for row in self._rows(questions.CONNECTORS)]

    def connection(self, connection_id: str) -> entities.Connection | None:
        """The connection of that id."""
        rows = self._rows(questions.CONNECTIONS.where(schema.connections.c.connection_id == connection_id))
        return entities.Connection(*rows[0]) if rows else None

    def connections(self) -> list[entities.Connection]:
        """All connections, oldest first; those of one instant by id."""
        return [entities.Connection(*row) for row in self._rows(questions.CONNECTIONS)]

    def paths(self, connection_id: str) -> list[entities.Path]:
        """A connection's acquisition paths, by ordinal."""
        rows = self._rows(questions.PATHS.where(schema.paths.c.connection_id == connection_id))
        return [entities.Path(*row) for row in rows]

    def run(self, run_id: str) -> entities.Run | None:
        """The run of that id."""
        rows = self._rows(questions.RUNS.where(schema.runs.c.run_id == run_id))
        return entities.Run(*rows[0]) if rows else None

    def leases(self) -> list[entities.Lease]:
        """Every lease that is held, by connection."""
        return [entities.Lease(*row) for row in self._rows(questions.LEASES)]

    def batches(
        self, connection_id: str, after: int = 0, limit: int = 100
    ) -> list[tuple[int, entities.Batch]]:
        """A connection's batches with their positions, oldest first, from after a position on."""
        batch = schema.batches.c
        asked = questions.BATCHES.where(batch.connection_id == connection_id, batch.position > after)
        rows = self._rows(asked.add_columns(batch.position).limit(limit))
        return [(position, entities.Batch(*fields)) for *fields, position in rows]

    def batch(self, connection_id: str, batch_id: str) -> entities.Batch | None:
        """One batch of a connection."""
        batch = schema.batches.c
        rows = self._rows(
            questions.BATCHES.where(batch.batch_id == batch_id, batch.connection_id == connection_id)
        )
        return entities.Batch(*rows[0]) if rows else None

    def batches_of(self, connection_id: str, sha256: str) -> list[entities.Batch]:
        """The batches of a connection that imported these bytes, oldest first."""
        rows = self._rows(questions.BATCHES_OF, {"connection": connection_id, "digest": sha256})
        return [entities.Batch(*row) for row in rows]

    def evidence(self, connection_id: str) -> list[tuple[str, int, int]]:
        """(stream, bits of the paths that have seen them, number of live records), by stream and bits."""
        rows = self._rows(questions.EVIDENCE, {"connection": connection_id})
        return [(stream, seen_by, count) for stream, seen_by, count in rows]

    def unseen(self, query: UnseenQuery) -> list[entities.UnseenRecord]:
        """Live records that a refreshing batch has not met, by position."""
        asked = {
            "connection": query.connection_id,
            "of_stream": query.stream,
            "batch": query.batch_id,
            "after": query.after,
            "page": query.limit,
        }
        rows = self._rows(questions.UNSEEN, asked)
        return [
            entities.UnseenRecord(position, record_id, key, msgspec.json.decode(data), seen_by)
            for position, record_id, key, data, seen_by in rows
        ]

    def proofs(self, connection_id: str) -> list[entities.LinkProof]:
        """Proofs by which paths joined a connection, or left it for another, oldest first."""
        proof = schema.proofs.c
        of_it = (proof.connection_id == connection_id) | (proof.from_connection == connection_id)
        return [entities.LinkProof(*row) for row in self._rows(questions.PROOFS.where(of_it))]

    def rules(self) -> list[entities.InstalledRule]:
        """The identity rules that are installed, by name."""
        return [entities.InstalledRule(*row) for row in self._rows(questions.RULES)]

    def timeline(self, run_id: str) -> list[entities.SpineEvent]:
        """A run's spine events in the order in which they were appended."""
        rows = self._rows(questions.EVENTS.where(schema.spine_events.c.run_id == run_id))
        return [entities.SpineEvent(*row) for row in rows]

    def stream_state(self, connection_id: str, path: int) -> dict[str, Any]:
        """The committed cursor of each stream of a path."""
        state = schema.stream_state.c
        rows = self._rows(questions.CURSORS.where(state.connection_id == connection_id, state.path == path))
        return dict(rows)

    def records(self, query: RecordQuery) -> list[entities.StoredRecord]:
        """Live records, by position."""
        rows = self._rows(
            self._spelling.page_of_records,
            {
                "connections": listed(query.connections),
                "of_stream": query.stream,
                "after": query.after,
                "page": query.limit,
            },
        )
        return [_stored_record(row) for row in rows]

    def record(self, stream: str, record_id: str, connections: Sequence[str]) -> entities.StoredRecord | None:
        """One live record of one of these connections; the oldest where several have that id."""
        owners = set(connections)
        named = json_text([fingerprint(owner, stream, record_id) for owner in sorted(owners)])
        asked = {"fingerprints": named, "of_stream": stream, "id": record_id}
        rows = [row for row in self._rows(self._spelling.record, asked) if row[0] in owners]
        return _stored_record(rows[0]) if rows else None

    def streams(self, connections: Sequence[str]) -> list[tuple[str, str, int]]:
        """(stream, connection id, number of live records) for each stream that has live records."""
        rows = self._rows(self._spelling.streams, {"connections": listed(connections)})
        return [(stream, connection_id, count) for stream, connection_id, count in rows]


def _stored_record(row: _Row) -> entities.StoredRecord:
    connection_id, stream, record_id, key, data, emitted_at, position = row
    return entities.StoredRecord(
        connection_id, stream, record_id, key, msgspec.json.decode(data), emitted_at, position
    )
