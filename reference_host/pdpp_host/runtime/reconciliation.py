"""What a full refresh takes away: records that it did not meet and has the authority to remove (CI-02)."""

from __future__ import annotations

import msgspec

from pdpp_host.arguments import RecordBatch, UnseenQuery
from pdpp_host.domain.entities import Counts, CoverageClaim, RecordWrite, UnseenRecord
from pdpp_host.ports import Unit
from pdpp_host.runtime.planning import Plan
from pdpp_host.services import Services

PAGE = 1000


def reconcile(services: Services, unit: Unit, plan: Plan, claims: tuple[CoverageClaim, ...]) -> Counts:
    """Leave tombstones in the streams that the run has authority over, in the unit that ends the run."""
    removed = Counts()
    for claim in claims:
        if claim.authority:
            removed += _stream(services, unit, plan, claim)
    return removed


def _stream(services: Services, unit: Unit, plan: Plan, claim: CoverageClaim) -> Counts:
    run, removed = plan.run, Counts()
    query = UnseenQuery(run.connection_id, claim.stream, run.batch_id, limit=PAGE)
    while page := unit.unseen(query):
        gone = [record for record in page if _goes(services, plan, claim, record)]
        if gone:
            removed += unit.write_records(_tombstones(services, plan, claim.stream, gone))
        query = msgspec.structs.replace(query, after=page[-1].position)
    return removed


def _goes(services: Services, plan: Plan, claim: CoverageClaim, record: UnseenRecord) -> bool:
    declared = plan.connector.manifest.stream(claim.stream)
    assert declared is not None, "a claim names a declared stream"
    own, further = 1 << plan.path.ordinal, plan.claimed.get(claim.stream, 0)
    return services.reconciles(record, declared, claim.window, own, further)


def _tombstones(services: Services, plan: Plan, stream: str, gone: list[UnseenRecord]) -> RecordBatch:
    run, now = plan.run, services.clock.now()
    said = now.isoformat()
    writes = tuple(RecordWrite(record.record_id, record.key, None, said) for record in gone)
    return RecordBatch(run.connection_id, run.path, stream, run.batch_id, now, writes, outright=True)
