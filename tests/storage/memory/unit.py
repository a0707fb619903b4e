"""A transaction: writes to a copy of the state, which is swapped in when it is committed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain import entities
from pdpp_host.domain.evidence import Evidence, RetainedRow, SurfaceEvidence
from pdpp_host.domain.surfaces import surface_of
from pdpp_host.ports import StorageError

from .state import Database, Fold, Identity, Kept, State
from .view import View


class Unit(View):
    """Writes to a state of its own."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.state.copied())
        self.database = database
        self.over = False
        self.dirty: set[str] = set()

    def put_connector(self, connector: entities.Connector) -> None:
        if self.state.connectors.get(connector.key) == connector:
            return
        self._open().connectors[connector.key] = connector
        for path in self.state.paths.values():
            if path.connector_key == connector.key:
                self.mark_dirty(path.connection_id)

    def add_connection(self, connection: entities.Connection) -> None:
        self._add(self._open().connections, connection.connection_id, connection)
        self.state.folds[connection.connection_id] = Fold()

    def update_connection(self, connection: entities.Connection) -> None:
        self._open().connections[connection.connection_id] = connection
        self.mark_dirty(connection.connection_id)

    def add_proof(self, proof: entities.LinkProof) -> None:
        self._open().proofs.append(proof)
        self.mark_dirty(proof.connection_id)

    def install_rule(self, rule: entities.InstalledRule) -> None:
        self._open().rules[rule.name] = rule

    def remove_rule(self, name: str) -> None:
        self._open().rules.pop(name, None)

    def add_path(self, path: entities.Path) -> None:
        self._add(self._open().paths, (path.connection_id, path.ordinal), path)
        self.mark_dirty(path.connection_id)

    def add_run(self, run: entities.Run) -> None:
        self._add(self._open().runs, run.run_id, run)
        self._concerns(run)

    def update_run(self, run: entities.Run) -> None:
        if run.run_id in self._open().runs:
            self.state.runs[run.run_id] = run
        self._concerns(run)

    def add_batch(self, batch: entities.Batch) -> None:
        self._add(self._open().batches, batch.batch_id, batch)

    def update_batch(self, batch: entities.Batch) -> None:
        self._open().batches[batch.batch_id] = batch

    def append(self, events: Sequence[entities.SpineEvent]) -> None:
        self._open().events.extend(events)
        for event in events:
            heard = surface_of(event)
            if heard is not None:
                self.put_surface(event.source_id, heard)
                run = None if event.run_id is None else self.run(event.run_id)
                if run is not None:
                    self._concerns(run)

    def write_records(self, batch: RecordBatch) -> entities.Counts:
        latest = {write.record_id: write for write in batch.records}
        for write in latest.values():
            self._check(write)
        counts = entities.Counts()
        for write in latest.values():
            counts += self._put((batch.connection_id, batch.stream, write.record_id), write, batch)
        if counts != entities.Counts():
            self._retain(batch)
        return counts

    def _retain(self, batch: RecordBatch) -> None:
        now = {row.stream: row for row in self.recounted(batch.connection_id)}
        row = now.get(batch.stream, RetainedRow(batch.stream, 0, 0))
        row = msgspec.structs.replace(row, last_written_at=batch.written_at)
        self.state.retained[batch.connection_id, batch.stream] = row

    def put_open_gaps(self, connection_id: str, path: int, gaps: tuple[entities.Gap, ...]) -> None:
        self._open().gaps[connection_id, path] = gaps
        self.mark_dirty(connection_id)

    def bind_profile_key(self, profile_key: str, connection_id: str) -> bool:
        self.mark_dirty(connection_id)
        return self._open().profile_keys.setdefault(profile_key, connection_id) == connection_id

    def put_schedule(self, connection_id: str, interval_seconds: int | None) -> None:
        self._open().schedules.pop(connection_id, None)
        if interval_seconds is not None:
            self.state.schedules[connection_id] = interval_seconds
        self.mark_dirty(connection_id)

    def put_surface(self, connection_id: str, surface: SurfaceEvidence | None) -> None:
        self._open().surfaces.pop(connection_id, None)
        if surface is not None:
            self.state.surfaces[connection_id] = surface
        self.mark_dirty(connection_id)

    def put_retained(self, connection_id: str, rows: Sequence[RetainedRow]) -> None:
        for key in [key for key in self._open().retained if key[0] == connection_id]:
            del self.state.retained[key]
        self.state.retained.update({(connection_id, row.stream): row for row in rows})

    def keep_fold(self, connection_id: str, fold: Evidence | None, version: int, failed: str | None) -> bool:
        kept = self._open().folds.get(connection_id)
        if kept is None or kept.version != version:
            return False
        self.state.folds[connection_id] = Fold(version, version, fold, failed)
        return True

    def mark_dirty(self, connection_id: str) -> None:
        self.dirty.add(connection_id)

    def _concerns(self, run: entities.Run) -> None:
        owner = None if run.profile_key is None else self.bound_to(run.profile_key)
        self.dirty |= {run.connection_id} | ({owner} if owner is not None else set())

    def put_stream_state(
        self, connection_id: str, path: int, cursors: dict[str, Any], run_id: str | None, at: datetime
    ) -> None:
        self._open().cursors.update({(connection_id, path, name): each for name, each in cursors.items()})

    def take_lease(self, connection_id: str, run_id: str, holder: str, at: datetime) -> bool:
        lease = entities.Lease(connection_id, run_id, holder, at)
        return self._open().leases.setdefault(connection_id, lease).run_id == run_id

    def release_lease(self, run_id: str) -> None:
        leases = self._open().leases
        for connection in [c for c, lease in leases.items() if lease.run_id == run_id]:
            del leases[connection]

    def commit(self) -> None:
        folds = self._open().folds
        for name in self.dirty & set(folds):
            folds[name] = replace(folds[name], version=folds[name].version + 1)
        self.database.state = self.state
        self.over = True

    def _put(self, identity: Identity, write: entities.RecordWrite, batch: RecordBatch) -> entities.Counts:
        records, bit = self._open().records, 1 << batch.path
        old = records.get(identity)
        live = old is not None and old.write.data is not None
        if write.data is None and not live:
            return entities.Counts()
        if old is not None and write.data is None and old.seen_by & ~bit and not batch.outright:
            records[identity] = replace(old, seen_by=old.seen_by & ~bit)
            return entities.Counts()
        if old is not None and (old.write.data, old.write.key) == (write.data, write.key):
            met = batch.batch_id if batch.refreshing else old.met_by
            records[identity] = replace(old, seen_by=old.seen_by | bit, met_by=met)
            return entities.Counts()
        position, seen, version = (
            (old.position, old.seen_by, old.version) if old else (len(records) + 1, 0, 0)
        )
        seen_by = 0 if write.data is None else seen | bit
        met_by = old.met_by if old else ""
        records[identity] = Kept(
            position, write, seen_by, version + 1, batch.batch_id, met_by, batch.written_at
        )
        if write.data is None:
            return entities.Counts(deleted=1)
        return entities.Counts(accepted=1, updated=int(live))

    def _check(self, write: entities.RecordWrite) -> None:
        if write.data is not None:
            try:
                msgspec.json.decode(write.data)
            except (msgspec.DecodeError, RecursionError) as error:
                self._fail(f"data that cannot be read again: {error}")

    def _add(self, table: dict[Any, Any], key: object, row: object) -> None:
        if key in table:
            self._fail(f"{key!r} is there already")
        table[key] = row

    def _fail(self, message: str) -> None:
        self.over = True
        raise StorageError(message)

    def _open(self) -> State:
        if self.over:
            raise StorageError("this transaction is over")
        return self.state
