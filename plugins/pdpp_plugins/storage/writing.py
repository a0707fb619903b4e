"""Writes what the host remembers, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Executable, Table, delete, insert, select, update

from pdpp_host.domain import entities
from pdpp_host.ports import RecordBatch
from pdpp_plugins.storage import records, schema
from pdpp_plugins.storage.errors import TooManyPaths
from pdpp_plugins.storage.reading import View
from pdpp_plugins.storage.spelling import keep_first, put

_LAST_PATH = 62  # seen_by is a signed 64-bit integer


class Unit(View):
    """One transaction, rolled back unless `commit` was called; the first failure rolls it back too.

    A unit that was committed, or failed, is over: what is asked of it afterwards raises TransactionOver.
    """

    def put_connector(self, connector: entities.Connector) -> None:
        """Register a connector, or replace the one of its key."""
        self._do(put(self._spelling, schema.connectors), {"connector_key": connector.key} | _row(connector))

    def add_connection(self, connection: entities.Connection) -> None:
        """Add a connection."""
        self._do(insert(schema.connections), _row(connection))

    def update_connection(self, connection: entities.Connection) -> None:
        """Replace a connection's row by this one."""
        self._do(_replace(schema.connections, connection), {})

    def add_proof(self, proof: entities.LinkProof) -> None:
        """Keep the proof by which a path joined a connection."""
        self._do(insert(schema.proofs), _row(proof))

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

    def add_run(self, run: entities.Run) -> None:
        """Add a run."""
        self._do(insert(schema.runs), _row(run))

    def update_run(self, run: entities.Run) -> None:
        """Replace a run's row by this one."""
        self._do(_replace(schema.runs, run), {})

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

    def write_records(self, batch: RecordBatch) -> entities.Counts:
        """Write records and their history; within a batch the last write of a record wins."""
        with self._asking() as connection:
            return records.write_records(connection, batch, self._spelling)

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
        with self._asking() as connection:
            connection.commit()

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
