"""Keeping: a reader folds what has changed in its own snapshot, and keeps it where that costs no waiting."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pdpp_host.arguments import SummaryQuery
from pdpp_host.domain.evidence import Evidence, EvidenceRow, Maintenance
from pdpp_host.ports import StorageError, View
from pdpp_host.readmodel.folding import fold
from pdpp_host.services import Services

_log = logging.getLogger(__name__)
_REASON = 200


@dataclass(frozen=True, slots=True)
class Folded:
    """What a version was folded to; where that failed, the fold before it and the reason."""

    connection_id: str
    version: int
    evidence: Evidence | None
    failed: str | None = None


def rows_of(
    services: Services, view: View, query: SummaryQuery
) -> tuple[list[EvidenceRow], tuple[Folded, ...]]:
    """Rows of the read model, those that are dirty folded anew, and these folds beside them.

    In steady state these are the two statements of `summary_rows` and nothing else. A fold that fails
    marks its own row and stops no other.
    """
    rows, folds = [], []
    for row in view.summary_rows(query):
        before = row.maintenance
        if not before.dirty and before.failed is None:
            rows.append(row)
            continue
        made = _folded(services, view, row)
        # What is known to fail is tried again by each reader, and written down once.
        if before.dirty or made.failed != before.failed:
            folds.append(made)
        now = Maintenance(made.version, made.version, made.failed)
        rows.append(EvidenceRow(row.connection_id, made.evidence, now, row.retained, row.last_record_at))
    return rows, tuple(folds)


def keep(services: Services, folds: tuple[Folded, ...]) -> None:
    """Keep folds, if nobody is writing just now: the next reader makes what is lost here."""
    if not folds:
        return
    try:
        with services.storage.try_write() as unit:
            if unit is None:
                return
            for each in folds:
                unit.keep_fold(each.connection_id, each.evidence, each.version, each.failed)
            unit.commit()
    except StorageError as error:
        _log.info("folds are not kept: %s", error)


def _folded(services: Services, view: View, row: EvidenceRow) -> Folded:
    version = row.maintenance.version
    try:
        connection = view.connection(row.connection_id)
        assert connection is not None, "a row of the read model is a connection's"
        return Folded(row.connection_id, version, fold(services, view, connection))
    except Exception as error:
        # Whatever it is: one row that cannot be made out stops no other.
        _log.warning("the evidence of %s cannot be folded: %s", row.connection_id, error)
        reason = f"{type(error).__name__}: {error}"[:_REASON]
        return Folded(row.connection_id, version, row.evidence, reason)
