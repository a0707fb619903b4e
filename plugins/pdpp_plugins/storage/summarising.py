"""The read model's questions: evidence rows, runs by connection, open gaps, surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select, tuple_

from pdpp_host.arguments import RunsQuery, SummaryQuery
from pdpp_host.domain import entities
from pdpp_host.domain.evidence import (
    Evidence,
    EvidenceRow,
    Maintenance,
    Retained,
    RetainedRow,
    SurfaceEvidence,
)
from pdpp_plugins.storage import questions, schema
from pdpp_plugins.storage.asking import Asking
from pdpp_plugins.storage.columns import Instant, Words

_decode_fold = msgspec.json.Decoder(Evidence).decode
_connections, _evidence, _kept = schema.connections.c, schema.evidence.c, schema.retained.c
_order = (_connections.created_at, _connections.connection_id)

ROWS = (
    select(_connections.connection_id, _evidence.fold, _evidence.version, _evidence.folded, _evidence.failed)
    .outerjoin_from(
        schema.connections, schema.evidence, _evidence.connection_id == _connections.connection_id
    )
    .order_by(*_order)
)
RETAINED = select(
    _kept.connection_id, _kept.stream, _kept.records, _kept.bytes, _kept.last_written_at
).order_by(_kept.connection_id, _kept.stream)
RUNS = questions.RUNS.add_columns(schema.runs.c.position).order_by(schema.runs.c.position.desc())


class Summarising(Asking):
    """What a snapshot knows for summaries."""

    def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
        """Rows of the read model in the order in which connections were made, in two statements."""
        asked, kept = ROWS, RETAINED
        if query.connection_id is not None:
            asked = asked.where(_connections.connection_id == query.connection_id)
            kept = kept.where(_kept.connection_id == query.connection_id)
        if query.after is not None:
            asked = asked.where(tuple_(*_order) > tuple_(*query.after, types=[Instant, Words]))
        found = self._rows(asked if query.limit is None else asked.limit(query.limit))
        if query.limit is not None:
            kept = kept.where(_kept.connection_id.in_([row.connection_id for row in found]))
        retained: dict[str, list[RetainedRow]] = {}
        for connection_id, *row in self._rows(kept) if found else ():
            retained.setdefault(connection_id, []).append(RetainedRow(*row))
        return [_summary_row(row, retained.get(row.connection_id, [])) for row in found]

    def runs_of(self, query: RunsQuery) -> list[tuple[int, entities.Run]]:
        """Runs with their positions, latest first, from an index for each way of belonging."""
        runs = schema.runs.c
        ways = [RUNS.where(runs.connection_id == query.connection_id)]
        if query.profile_keys:
            ways.append(RUNS.where(runs.profile_key.is_not(None), runs.profile_key.in_(query.profile_keys)))
        found = {}
        for asked in ways:
            if query.succeeded:
                asked = asked.where(schema.SUCCEEDED)
            if query.before is not None:
                asked = asked.where(runs.position < query.before)
            for *fields, position in self._rows(asked.limit(query.limit)):
                found[position] = entities.Run(*fields)
        return sorted(found.items(), reverse=True)[: query.limit]

    def open_gaps(self, connection_id: str) -> list[tuple[int, tuple[entities.Gap, ...]]]:
        """The open gaps of each path that has any, by path."""
        gaps = schema.path_gaps.c
        asked = select(gaps.path, gaps.gaps).where(gaps.connection_id == connection_id).order_by(gaps.path)
        return [(path, kept) for path, kept in self._rows(asked)]

    def surface(self, connection_id: str) -> SurfaceEvidence | None:
        """What was last heard of a connection's browser surface."""
        surfaces = schema.surfaces.c
        rows = self._rows(select(surfaces.surface).where(surfaces.connection_id == connection_id))
        return rows[0][0] if rows else None

    def surface_events(self, source_id: str, run_id: str | None = None) -> list[entities.SpineEvent]:
        """The `browser_surface.*` events of a connection, or of one run whoever it is of, in order."""
        events = schema.spine_events.c
        asked = questions.EVENTS.where(events.event_type.like("browser\\_surface.%", escape="\\"))
        if run_id is not None:
            asked = asked.where(events.run_id == run_id)
        else:
            asked = asked.where(events.source_kind == "connection", events.source_id == source_id)
        return [entities.SpineEvent(*row) for row in self._rows(asked)]

    def profile_keys(self, connection_id: str) -> tuple[str, ...]:
        """Every browser-surface profile key that was ever bound to a connection."""
        keys = schema.profile_keys.c
        asked = select(keys.profile_key).where(keys.connection_id == connection_id).order_by(keys.profile_key)
        return tuple(key for (key,) in self._rows(asked))

    def bound_to(self, profile_key: str) -> str | None:
        """The connection to which a profile key is bound."""
        keys = schema.profile_keys.c
        rows = self._rows(select(keys.connection_id).where(keys.profile_key == profile_key))
        return rows[0][0] if rows else None

    def schedule(self, connection_id: str) -> int | None:
        """The seconds between the runs that the owner wants, None without a schedule."""
        schedules = schema.schedules.c
        rows = self._rows(select(schedules.interval_seconds).where(schedules.connection_id == connection_id))
        return rows[0][0] if rows else None

    def recounted(self, connection_id: str) -> list[RetainedRow]:
        """What a connection retains, counted from its records."""
        records = schema.records.c
        asked = (
            select(records.stream, func.count(), func.sum(self._spelling.size), func.max(records.written_at))
            .where(records.connection_id == connection_id, ~records.deleted)
            .group_by(records.stream)
            .order_by(records.stream)
        )
        return [RetainedRow(stream, n, int(size), at) for stream, n, size, at in self._rows(asked)]


def _summary_row(row: Any, retained: Sequence[RetainedRow]) -> EvidenceRow:
    """A row whose fold cannot be read has none, and is folded anew."""
    version, folded = row.version or 0, -1 if row.folded is None else row.folded
    fold, failed = None, row.failed
    if row.fold is not None:
        try:
            fold = _decode_fold(row.fold)
        except msgspec.MsgspecError:
            folded = -1
    live = [each for each in retained if each.records]
    times = [each.last_written_at for each in retained if each.last_written_at is not None]
    return EvidenceRow(
        row.connection_id,
        fold,
        Maintenance(version, folded, failed),
        tuple(Retained(each.stream, each.records, each.bytes) for each in live),
        max(times, default=None),
    )
