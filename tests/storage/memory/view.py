"""Answers from one state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pdpp_host.arguments import RecordQuery, RunsQuery, SummaryQuery, UnseenQuery
from pdpp_host.domain import entities
from pdpp_host.domain.evidence import EvidenceRow, Maintenance, Retained, RetainedRow, SurfaceEvidence

from .state import Kept, State


class View:
    """Answers from one state."""

    def __init__(self, state: State) -> None:
        self.state = state

    def connector(self, connector_key: str) -> entities.Connector | None:
        return self.state.connectors.get(connector_key)

    def connectors(self) -> list[entities.Connector]:
        return [self.state.connectors[key] for key in sorted(self.state.connectors)]

    def connection(self, connection_id: str) -> entities.Connection | None:
        return self.state.connections.get(connection_id)

    def connections(self) -> list[entities.Connection]:
        return sorted(self.state.connections.values(), key=lambda c: (c.created_at, c.connection_id))

    def paths(self, connection_id: str) -> list[entities.Path]:
        return [p for key, p in sorted(self.state.paths.items()) if key[0] == connection_id]

    def run(self, run_id: str) -> entities.Run | None:
        return self.state.runs.get(run_id)

    def leases(self) -> list[entities.Lease]:
        return [self.state.leases[name] for name in sorted(self.state.leases)]

    def batches(
        self, connection_id: str, after: int = 0, limit: int = 100
    ) -> list[tuple[int, entities.Batch]]:
        all_of_them = enumerate(self.state.batches.values(), start=1)
        mine = [(n, each) for n, each in all_of_them if each.connection_id == connection_id and n > after]
        return mine[:limit]

    def batch(self, connection_id: str, batch_id: str) -> entities.Batch | None:
        found = self.state.batches.get(batch_id)
        return found if found is not None and found.connection_id == connection_id else None

    def batches_of(self, connection_id: str, sha256: str) -> list[entities.Batch]:
        mine = (each for each in self.state.batches.values() if each.connection_id == connection_id)
        return [each for each in mine if each.artifact is not None and each.artifact.sha256 == sha256]

    def evidence(self, connection_id: str) -> list[tuple[str, int, int]]:
        counted: dict[tuple[str, int], int] = {}
        for (connection, stream, _), kept in self.state.records.items():
            if connection == connection_id and kept.write.data is not None:
                counted[stream, kept.seen_by] = counted.get((stream, kept.seen_by), 0) + 1
        return [(*key, number) for key, number in sorted(counted.items())]

    def unseen(self, query: UnseenQuery) -> list[entities.UnseenRecord]:
        kept = {
            r.position: k
            for (c, s, _), k in self.state.records.items()
            for r in [k]
            if (c, s) == (query.connection_id, query.stream)
        }
        found = [
            entities.UnseenRecord(
                position,
                each.write.record_id,
                each.write.key,
                msgspec.json.decode(each.write.data),
                each.seen_by,
            )
            for position, each in sorted(kept.items())
            if each.write.data is not None
            and position > query.after
            and query.batch_id not in (each.batch, each.met_by)
        ]
        return found[: query.limit]

    def proofs(self, connection_id: str) -> list[entities.LinkProof]:
        return [p for p in self.state.proofs if connection_id in (p.connection_id, p.from_connection)]

    def rules(self) -> list[entities.InstalledRule]:
        return [self.state.rules[name] for name in sorted(self.state.rules)]

    def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
        wanted = [
            each.connection_id
            for each in self.connections()
            if query.connection_id in (None, each.connection_id)
            and (query.after is None or (each.created_at, each.connection_id) > query.after)
        ]
        return [self._summary_row(connection) for connection in wanted[: query.limit]]

    def _summary_row(self, connection: str) -> EvidenceRow:
        fold = self.state.folds[connection]
        rows = [row for key, row in sorted(self.state.retained.items()) if key[0] == connection]
        times = [row.last_written_at for row in rows if row.last_written_at is not None]
        retained = tuple(Retained(row.stream, row.records, row.bytes) for row in rows if row.records)
        standing = Maintenance(fold.version, fold.folded, fold.failed)
        return EvidenceRow(connection, fold.evidence, standing, retained, max(times, default=None))

    def runs_of(self, query: RunsQuery) -> list[tuple[int, entities.Run]]:
        found = [
            (position, run)
            for position, run in enumerate(self.state.runs.values(), start=1)
            if query.connection_id == run.connection_id or run.profile_key in query.profile_keys
            if run.status == "completed" or not query.succeeded
            if query.before is None or position < query.before
        ]
        return found[::-1][: query.limit]

    def open_gaps(self, connection_id: str) -> list[tuple[int, tuple[entities.Gap, ...]]]:
        return [(path, gaps) for (c, path), gaps in sorted(self.state.gaps.items()) if c == connection_id]

    def surface(self, connection_id: str) -> SurfaceEvidence | None:
        return self.state.surfaces.get(connection_id)

    def surface_events(self, source_id: str, run_id: str | None = None) -> list[entities.SpineEvent]:
        heard = [each for each in self.state.events if each.event_type.startswith("browser_surface.")]
        if run_id is not None:
            return [each for each in heard if each.run_id == run_id]
        return [each for each in heard if (each.source_kind, each.source_id) == ("connection", source_id)]

    def profile_keys(self, connection_id: str) -> tuple[str, ...]:
        return tuple(sorted(key for key, owner in self.state.profile_keys.items() if owner == connection_id))

    def bound_to(self, profile_key: str) -> str | None:
        return self.state.profile_keys.get(profile_key)

    def schedule(self, connection_id: str) -> int | None:
        return self.state.schedules.get(connection_id)

    def recounted(self, connection_id: str) -> list[RetainedRow]:
        live: dict[str, list[Kept]] = {}
        for (connection, stream, _), kept in sorted(self.state.records.items(), key=lambda each: each[0]):
            if connection == connection_id and kept.write.data is not None:
                live.setdefault(stream, []).append(kept)
        return [
            RetainedRow(
                stream,
                len(found),
                sum(len((each.write.data or "").encode()) for each in found),
                max((each.written_at for each in found if each.written_at is not None), default=None),
            )
            for stream, found in live.items()
        ]

    def timeline(self, run_id: str) -> list[entities.SpineEvent]:
        return [event for event in self.state.events if event.run_id == run_id]

    def stream_state(self, connection_id: str, path: int) -> dict[str, Any]:
        mine = self.state.cursors.items()
        return {stream: cursor for (c, p, stream), cursor in mine if (c, p) == (connection_id, path)}

    def records(self, query: RecordQuery) -> list[entities.StoredRecord]:
        live = self._live(query.connections, query.stream)
        return [record for record in live if record.position > query.after][: query.limit]

    def record(self, stream: str, record_id: str, connections: Sequence[str]) -> entities.StoredRecord | None:
        live = self._live(connections, stream)
        return next((record for record in live if record.record_id == record_id), None)

    def streams(self, connections: Sequence[str]) -> list[tuple[str, str, int]]:
        counted: dict[tuple[str, str], int] = {}
        for (connection, stream, _), kept in self.state.records.items():
            if connection in connections and kept.write.data is not None:
                counted[stream, connection] = counted.get((stream, connection), 0) + 1
        return [(*key, number) for key, number in sorted(counted.items())]

    def _live(self, connections: Sequence[str], wanted: str) -> list[entities.StoredRecord]:
        found = [
            entities.StoredRecord(
                connection,
                stream,
                record_id,
                kept.write.key,
                msgspec.json.decode(kept.write.data),
                kept.write.emitted_at,
                kept.position,
            )
            for (connection, stream, record_id), kept in self.state.records.items()
            if connection in connections and stream == wanted and kept.write.data is not None
        ]
        return sorted(found, key=lambda record: record.position)
