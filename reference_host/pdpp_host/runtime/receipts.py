"""A batch from its beginning to its receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from pdpp_host.domain.coverage import claims
from pdpp_host.domain.entities import Artifact, Batch, BatchCounts, Counts, CoverageClaim, Run, SpineEvent
from pdpp_host.runtime.planning import Plan


def opened(plan: Plan, artifact: Artifact | None = None) -> Batch:
    """The batch of a run that begins."""
    run, manifest = plan.run, plan.connector.manifest
    return Batch(
        batch_id=run.batch_id,
        connection_id=run.connection_id,
        path=run.path,
        method=plan.path.method,
        run_id=run.run_id,
        started_at=run.started_at,
        connector_key=manifest.connector_key,
        parser_version=manifest.version,
        coverage=claims(plan.streams, plan.claimed),
        artifact=artifact,
    )


def closed(batch: Batch, run: Run, counts: BatchCounts, coverage: tuple[CoverageClaim, ...]) -> Batch:
    """The batch of a run that is over, with its receipt."""
    return msgspec.structs.replace(
        batch, status=_status(run), finished_at=run.finished_at, counts=counts, coverage=coverage
    )


def cut(batch: Batch, run: Run, events: Sequence[SpineEvent]) -> Batch:
    """The batch of a run whose host is gone, with what its timeline tells."""
    coverage = tuple(
        msgspec.structs.replace(
            claim,
            authority=False,
            denied="not_claimed" if claim.claim == "none" else "run_not_completed",
        )
        for claim in batch.coverage
    )
    return closed(batch, run, told(events), coverage)


def ingested(counts: Counts, parsed: int) -> dict[str, Any]:
    """What the timeline says of records that were written."""
    return {**msgspec.to_builtins(counts), "parsed": parsed}


def told(events: Sequence[SpineEvent]) -> BatchCounts:
    """The counts of a batch as a timeline tells them."""
    written = [event.data for event in events if event.event_type == "batch_ingested"]
    kinds = Counter(event.event_type for event in events)
    parsed = sum(data.get("parsed", 0) for data in written)
    accepted = sum(data.get("accepted", 0) + data.get("deleted", 0) for data in written)
    skipped = kinds["stream_skipped"] + kinds["detail_gap_recorded"]
    return BatchCounts(parsed, accepted, max(0, parsed - accepted), skipped)


def _status(run: Run) -> Literal["completed", "failed", "cancelled"]:
    if run.status in ("completed", "cancelled"):
        return run.status
    return "failed"
