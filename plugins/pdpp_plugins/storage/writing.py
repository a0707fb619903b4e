"""Writes what the host remembers, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Executable, Table, delete, insert, select, update

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain import entities
from pdpp_host.domain.evidence import Evidence, RetainedRow, SurfaceEvidence
from pdpp_host.domain.surfaces import surface_of
from pdpp_plugins.storage import records, schema
from pdpp_plugins.storage.columns import json_text
from pdpp_plugins.storage.errors import TooManyPaths
from pdpp_plugins.storage.reading import View
from pdpp_plugins.storage.spelling import Spelling, add_to_retained, keep_first, put

_LAST_PATH = 62  # seen_by is a signed 64-bit integer


class Unit(View):
    """One transaction, rolled back unless `commit` was called; the first failure rolls it back too.

    A unit that was committed, or failed, is over: what is asked of it afterwards raises TransactionOver.
    """

    def __init__(self, connection: Connection, spelling: Spelling) -> None:
        super().__init__(connection, spelling)
        self._dirty: set[str] = set()

    def put_connector(self, connector: entities.Connector) -> None:
        """Register a connector, or replace the one of its key; one that is there already changes nothing."""
        if self.connector(connector.key) == connector:
            return
        self._do(put(self._spelling, schema.connectors), {"connector_key": connector.key} | _row(connector))
        paths = schema.paths.c
        asked = select(paths.connection_id).where(paths.connector_key == connector.key)
        self._dirty.update(name for (name,) in self._rows(asked))

    def add_connection(self, connection: entities.Connection) -> None:
        """Add a connection."""
        self._do(insert(schema.connections), _row(connection))
        self._do(
            insert(schema.evidence), {"connection_id": connection.connection_id, "version": 1, "folded": 0}
        )

    def update_connection(self, connection: entities.Connection) -> None:
        """Replace a connection's row by this one."""
        self._do(_replace(schema.connections, connection), {})
        self._dirty.add(connection.connection_id)

    def add_proof(self, proof: entities.LinkProof) -> None:
        """Keep the proof by which a path joined a connection."""
        self._do(insert(schema.proofs), _row(proof))
        self._dirty.add(proof.connection_id)

    def install_rule(self, rule: entities.InstalledRule) -> None:
        """Have an identity rule in force; one of that name is replaced."""
        self._do(put(self._spelling, schema.identity_rules), _row(rule))

    def remove_rule(self, name: str) -> None:
        """Have an identity rule in force no more."""
        rules = schema.identity_rules
        self._do(delete(rules).where(rules.c.name == name), {})

    def add_path(self, path: entities.Path) -> None:
        """Add an acquisition path to a connection; TooManyPaths beyond the 63rd."""
        if not 0 <= path.ordinal <= _LAST_PATH:
            raise TooManyPaths(path.ordinal, _LAST_PATH)
        self._do(insert(schema.paths), _row(path))
        self._dirty.add(path.connection_id)

    def add_run(self, run: entities.Run) -> None:
        """Add a run."""
        self._do(insert(schema.runs), _row(run))
        self._concerns(run)

    def update_run(self, run: entities.Run) -> None:
        """Replace a run's row by this one."""
        named = schema.runs.c.run_id == run.run_id
        self._do(update(schema.runs).where(named).values(_row(run)), {})
        self._concerns(run)

    def add_batch(self, batch: entities.Batch) -> None:
        """Add a batch."""
        self._do(insert(schema.batches), _batch(batch))

    def update_batch(self, batch: entities.Batch) -> None:
        """Replace a batch's row by this one."""
        named = schema.batches.c.batch_id == batch.batch_id
        self._do(update(schema.batches).where(named).values(_batch(batch)), {})

    def append(self, events: Sequence[entities.SpineEvent]) -> None:
        """Append events to the spine."""
        if events:
            self._do(insert(schema.spine_events), [_row(event) for event in events])
        for event in events:
            heard = surface_of(event)
            if heard is not None:
                self.put_surface(event.source_id, heard)
                # A run is perhaps another connection's, by its profile key, and fails for what was heard.
                run = None if event.run_id is None else self.run(event.run_id)
                if run is not None:
                    self._concerns(run)

    def write_records(self, batch: RecordBatch) -> entities.Counts:
        """Write records and their history; within a batch the last write of a record wins."""
        with self._asking() as connection:
            written = records.write_records(connection, batch, self._spelling)
        if written.counts != entities.Counts():
            self._do(
                add_to_retained(self._spelling),
                {
                    "connection_id": batch.connection_id,
                    "stream": batch.stream,
                    "records": written.counts.accepted - written.counts.updated - written.counts.deleted,
                    "bytes": written.bytes,
                    "last_written_at": batch.written_at,
                },
            )
        return written.counts

    def put_open_gaps(self, connection_id: str, path: int, gaps: tuple[entities.Gap, ...]) -> None:
        """Have these gaps of a path open, and no others."""
        row = {"connection_id": connection_id, "path": path, "gaps": gaps}
        self._do(put(self._spelling, schema.path_gaps), row)
        self._dirty.add(connection_id)

    def bind_profile_key(self, profile_key: str, connection_id: str) -> bool:
        """Bind a key to a connection for ever; False where it is bound to another."""
        row = {"profile_key": profile_key, "connection_id": connection_id}
        self._do(keep_first(self._spelling, schema.profile_keys), row)
        self._dirty.add(connection_id)
        return self.bound_to(profile_key) == connection_id

    def put_schedule(self, connection_id: str, interval_seconds: int | None) -> None:
        """Have a connection run so often, or without a schedule."""
        if interval_seconds is None:
            schedules = schema.schedules
            self._do(delete(schedules).where(schedules.c.connection_id == connection_id), {})
        else:
            row = {"connection_id": connection_id, "interval_seconds": interval_seconds}
            self._do(put(self._spelling, schema.schedules), row)
        self._dirty.add(connection_id)

    def put_surface(self, connection_id: str, surface: SurfaceEvidence | None) -> None:
        """Have this known of a connection's browser surface."""
        if surface is None:
            surfaces = schema.surfaces
            self._do(delete(surfaces).where(surfaces.c.connection_id == connection_id), {})
        else:
            row = {"connection_id": connection_id, "surface": surface}
            self._do(put(self._spelling, schema.surfaces), row)
        self._dirty.add(connection_id)

    def put_retained(self, connection_id: str, rows: Sequence[RetainedRow]) -> None:
        """Have a connection retain this, and nothing else."""
        kept = schema.retained
        self._do(delete(kept).where(kept.c.connection_id == connection_id), {})
        if rows:
            self._do(insert(kept), [{"connection_id": connection_id} | _row(row) for row in rows])

    def keep_fold(self, connection_id: str, fold: Evidence | None, version: int, failed: str | None) -> bool:
        """Keep what was folded at a version; False, and nothing kept, where something has changed since."""
        text = None if fold is None else json_text(fold)
        rows = schema.evidence
        asked = (
            update(rows)
            .where(rows.c.connection_id == connection_id, rows.c.version == version)
            .values(fold=text, folded=version, failed=failed)
        )
        with self._asking() as connection:
            return bool(connection.execute(asked).rowcount)

    def mark_dirty(self, connection_id: str) -> None:
        """Say that something has changed that the evidence of a connection does not know of."""
        self._dirty.add(connection_id)

    def put_stream_state(
        self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
    ) -> None:
        """Commit cursors, one a stream; streams that are not named keep theirs."""
        owner = {"connection_id": connection_id, "path": path, "run_id": run_id, "updated_at": at}
        if cursors:
            rows = [owner | {"stream": stream, "cursor": cursor} for stream, cursor in cursors.items()]
            self._do(put(self._spelling, schema.stream_state), rows)

    def take_lease(self, connection_id: str, run_id: str, holder: str, at: datetime) -> bool:
        """Take a connection's lease for a run; False when another run holds it."""
        lease = {"connection_id": connection_id, "run_id": run_id, "holder": holder, "taken_at": at}
        self._do(keep_first(self._spelling, schema.leases), lease)
        leases = schema.leases.c
        [(taken_by,)] = self._rows(select(leases.run_id).where(leases.connection_id == connection_id))
        return bool(taken_by == run_id)

    def release_lease(self, run_id: str) -> None:
        """Give back the lease that this run holds, if it holds one."""
        self._do(delete(schema.leases).where(schema.leases.c.run_id == run_id), {})

    def commit(self) -> None:
        """Keep what this unit wrote."""
        if self._dirty:
            rows = schema.evidence
            self._do(
                update(rows).where(rows.c.connection_id.in_(self._dirty)).values(version=rows.c.version + 1),
                {},
            )
        with self._asking() as connection:
            connection.commit()

    def _concerns(self, run: entities.Run) -> None:
        """A run concerns the connection that it names and the one that its profile key is bound to."""
        self._dirty.add(run.connection_id)
        owner = None if run.profile_key is None else self.bound_to(run.profile_key)
        if owner is not None:
            self._dirty.add(owner)

    def _do(self, statement: Executable, rows: dict[str, Any] | list[dict[str, Any]]) -> None:
        with self._asking() as connection:
            connection.execute(statement, rows)


def _row(entity: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(entity, name) for name in entity.__struct_fields__}


def _batch(batch: entities.Batch) -> dict[str, Any]:
    return _row(batch) | {"artifact_sha256": batch.artifact.sha256 if batch.artifact else None}


def _replace(table: Table, entity: msgspec.Struct) -> Executable:
    [key] = table.primary_key
    row = _row(entity)
    return update(table).where(key == row.pop(key.name)).values(row)
