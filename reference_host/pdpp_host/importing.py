"""One import from the shell: an artifact streamed in, its run, and the receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader

import msgspec

from pdpp_host.compose import Host
from pdpp_host.domain.entities import Batch, CoverageClaim, Run
from pdpp_host.runtime.imports import ImportWanted, Receiving
from pdpp_host.waiting import ended

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """Where an artifact goes: a connection, or that of a connector's uploads of an account."""

    connection_id: str | None = None
    connector_key: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Arriving:
    """An artifact: what it is called, its bytes, how many where that is known, and what it claims."""

    name: str
    content: BufferedReader
    size: int | None
    coverage: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an import: its run, its batch, and whether these were those of an earlier one."""

    run: Run
    batch: Batch
    recognised: bool


def take_in(
    host: Host,
    target: Target,
    arriving: Arriving,
    read: Callable[[int], None],
    watch: Callable[[int], None],
) -> Outcome:
    """Import and wait for the end; `read` hears how many bytes have come, `watch` how many are stored.

    Raises RequestRefused for whatever an import is refused for; nothing of it is kept then, and neither
    after an interrupt while bytes come. One after that cancels the run and waits for its end.
    """
    receiving = _begun(host, target, arriving)
    try:
        come = 0
        # One read of the system's at a time, so that an interrupt is heard between them.
        while chunk := arriving.content.read1(CHUNK):
            receiving.write(chunk)
            come += len(chunk)
            read(come)
        done = receiving.finish()
    except BaseException:
        receiving.abort()
        raise
    run = ended(host, done.run_id, watch)
    with host.services.storage.read() as view:
        batch = view.batch(run.connection_id, done.batch_id)
    assert batch is not None, "a batch that was started is stored"
    return Outcome(run, batch, done.recognised is not None)


def receipt(batch: Batch) -> Iterator[str]:
    """A batch in lines of text: where it lies, what it was made of, its counts, its claims."""
    artifact, counts = batch.artifact, batch.counts
    yield f"connection: {batch.connection_id}"
    yield f"batch: {batch.batch_id}"
    if artifact is not None:
        told = f"{artifact.source_format}, {artifact.size} bytes, sha256 {artifact.sha256}"
        yield f"artifact: {artifact.name!r}, {told}"
    yield (
        f"counts: {counts.parsed} parsed, {counts.accepted} accepted, {counts.duplicate} duplicate, "
        f"{counts.skipped} skipped, {counts.failed} failed"
    )
    yield from (_claimed(claim) for claim in batch.coverage if claim.claim != "none")


def _claimed(claim: CoverageClaim) -> str:
    how = "granted" if claim.authority else f"denied: {claim.denied}"
    return f"coverage: {claim.claim} of {claim.stream}, {how}"


def _begun(host: Host, target: Target, arriving: Arriving) -> Receiving:
    request = msgspec.json.encode({"coverage": arriving.coverage}) if arriving.coverage else b""
    wanted = ImportWanted(arriving.name, request=request, size=arriving.size)
    if target.connection_id is not None:
        return host.imports.begin(target.connection_id, wanted)
    return host.imports.begin_from(target.connector_key, {"account": target.account}, wanted)
