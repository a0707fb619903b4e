"""What was acquired: batches, their provenance, and imports."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from pdpp_host.domain.entities import BatchCounts, CoverageClaim, Method


class Provenance(Struct, frozen=True, omit_defaults=True):
    """Where a batch comes from: the run, the parser and its version, and the artifact of an import."""

    run_id: str
    connector_key: str
    parser_version: str
    source_format: str | None = None
    artifact_name: str | None = None
    artifact_sha256: str | None = None
    artifact_bytes: int | None = None


class BatchShown(Struct, frozen=True, omit_defaults=True):
    """A batch: the receipt is final when `status` is not `open`."""

    batch_id: str
    connection_id: str
    path: int
    method: Method
    status: Literal["open", "completed", "failed", "cancelled"]
    provenance: Provenance
    coverage: tuple[CoverageClaim, ...]
    counts: BatchCounts
    started_at: datetime
    finished_at: datetime | None = None


class BatchPage(Struct, frozen=True):
    """A page of a connection's batches, oldest first; `next_cursor` asks for the next one."""

    object: Literal["list"]
    data: tuple[BatchShown, ...]
    has_more: bool
    next_cursor: str | None


class ImportStarted(Struct, frozen=True):
    """An import that is under way, or one that was recognised: then `receipt` is that of the same bytes."""

    run_id: str
    batch_id: str
    status: Literal["started", "recognised"]
    receipt: BatchShown | None = None
