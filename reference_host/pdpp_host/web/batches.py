"""A connection's batches: every one of them for ever, with provenance, claims and receipt (CI-01, CI-02)."""

from __future__ import annotations

from pdpp_host.domain.entities import Batch
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.paging import PAGE_QUERY, after_of, cursor_of, limit_of
from pdpp_host.web.shapes.batches import BatchPage, BatchShown, Provenance


def list_batches(call: Call) -> BatchPage:
    """A page of a connection's batches, oldest first."""
    connection_id, limit = call.path["connection_id"], limit_of(call)
    purpose = f"batches {connection_id}"
    after = after_of(call, purpose)
    with call.host.services.storage.read() as view:
        if view.connection(connection_id) is None:
            raise RequestRefused("not_found", f"no connection {connection_id!r}")
        found = view.batches(connection_id, after, limit + 1)
    page = tuple(shown(batch) for _, batch in found[:limit])
    if len(found) <= limit:
        return BatchPage("list", page, False, None)
    return BatchPage("list", page, True, cursor_of(call, purpose, found[limit - 1][0].to_bytes(8, "big")))


def show_batch(call: Call) -> BatchShown:
    """One batch with its receipt."""
    connection_id, batch_id = call.path["connection_id"], call.path["batch_id"]
    with call.host.services.storage.read() as view:
        batch = view.batch(connection_id, batch_id)
    if batch is None:
        raise RequestRefused("not_found", f"no batch {batch_id!r} of connection {connection_id!r}")
    return shown(batch)


def shown(batch: Batch) -> BatchShown:
    """A batch as the owner sees it."""
    artifact = batch.artifact
    provenance = Provenance(
        batch.run_id,
        batch.connector_key,
        batch.parser_version,
        artifact.source_format if artifact else None,
        artifact.name if artifact else None,
        artifact.sha256 if artifact else None,
        artifact.size if artifact else None,
    )
    return BatchShown(
        batch.batch_id,
        batch.connection_id,
        batch.path,
        batch.method,
        batch.status,
        provenance,
        batch.coverage,
        batch.counts,
        batch.started_at,
        batch.finished_at,
    )


OPERATIONS = (
    Operation(
        "/_ref/connections/{connection_id}/batches",
        "GET",
        "owner",
        list_batches,
        BatchPage,
        query=PAGE_QUERY,
        refuses=("not_found", "invalid_query"),
    ),
    Operation(
        "/_ref/connections/{connection_id}/batches/{batch_id}",
        "GET",
        "owner",
        show_batch,
        BatchShown,
        refuses=("not_found",),
    ),
)
