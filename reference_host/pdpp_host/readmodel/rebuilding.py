"""Rebuilding: all that is maintained made anew from what it is about, and what differed (CS-06/R2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from pdpp_host.arguments import RunsQuery, SummaryQuery
from pdpp_host.domain.entities import Connection, Gap, Run
from pdpp_host.domain.evidence import SurfaceEvidence
from pdpp_host.domain.surfaces import surface_of
from pdpp_host.ports import Unit
from pdpp_host.readmodel.folding import fold
from pdpp_host.services import Services

_PAGE = 200


class Difference(Struct, frozen=True):
    """A part of a connection's row that was not what it should have been."""

    connection_id: str
    part: str
    kept: Any
    rebuilt: Any


def rebuild(services: Services, connection_id: str | None = None) -> Iterator[Difference]:
    """Make the read model anew, one connection a transaction, of all or of one; what differed."""
    with services.storage.read() as view:
        every = view.connections()
    wanted = [each for each in every if connection_id in (None, each.connection_id)]
    for connection in wanted:
        with services.storage.write() as unit:
            found = list(_rebuilt(services, unit, connection))
            unit.commit()
        yield from found


def _rebuilt(services: Services, unit: Unit, connection: Connection) -> Iterator[Difference]:
    connection_id = connection.connection_id
    [row] = unit.summary_rows(SummaryQuery(connection_id))
    counted = unit.recounted(connection_id)
    told = {each.stream: (each.records, each.bytes) for each in row.retained}
    true = {each.stream: (each.records, each.bytes) for each in counted}
    if told != true:
        yield Difference(connection_id, "retained", told, true)
        unit.put_retained(connection_id, counted)
    yield from _gaps(services, unit, connection_id)
    heard = _surface(unit, connection_id)
    if heard != unit.surface(connection_id):
        yield Difference(connection_id, "surface", unit.surface(connection_id), heard)
        unit.put_surface(connection_id, heard)
    made = fold(services, unit, connection)
    if not row.maintenance.dirty and row.evidence != made:
        yield Difference(connection_id, "evidence", row.evidence, made)
    unit.keep_fold(connection_id, made, row.maintenance.version, None)


def _gaps(services: Services, unit: Unit, connection_id: str) -> Iterator[Difference]:
    kept, true = dict(unit.open_gaps(connection_id)), _open(services, unit, connection_id)
    for path in sorted({*kept, *true}):
        if kept.get(path, ()) != true.get(path, ()):
            yield Difference(connection_id, f"gaps of path {path}", kept.get(path, ()), true.get(path, ()))
            unit.put_open_gaps(connection_id, path, true.get(path, ()))


def _open(services: Services, unit: Unit, connection_id: str) -> dict[int, tuple[Gap, ...]]:
    """The open gaps of each path, from its runs in the order in which they ended."""
    keys = unit.profile_keys(connection_id)
    runs: list[Run] = []
    before = None
    while page := unit.runs_of(RunsQuery(connection_id, before=before, limit=_PAGE)):
        runs += [
            run for _, run in page if run.status != "active" and _mine(services, run, connection_id, keys)
        ]
        before = page[-1][0]
    found: dict[int, tuple[Gap, ...]] = {}
    for run in reversed(runs):
        found[run.path] = services.open_after(found.get(run.path, ()), run)
    return found


def _mine(services: Services, run: Run, connection_id: str, keys: tuple[str, ...]) -> bool:
    return run.connection_id == connection_id and services.matches_run(run, connection_id, keys)


def _surface(unit: Unit, connection_id: str) -> SurfaceEvidence | None:
    heard = (surface_of(event) for event in reversed(unit.surface_events(connection_id)))
    return next((surface for surface in heard if surface is not None), None)
