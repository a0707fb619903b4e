"""Coverage authority: which streams a run may speak for, and what it may take away there (CI-02)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from pdpp_host.domain.endings import Ending
from pdpp_host.domain.entities import CoverageClaim, UnseenRecord
from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import Manifest, StreamManifest
from pdpp_host.domain.messages import StreamScope, TimeRange


def claims(streams: Collection[StreamScope], claimed: Collection[str]) -> tuple[CoverageClaim, ...]:
    """What a run or import says of each of its streams when it starts; nothing of it is decided yet."""
    return tuple(
        CoverageClaim(
            stream.name, "full_refresh" if stream.name in claimed else "none", window=stream.time_range
        )
        for stream in streams
    )


def decided(
    claim: CoverageClaim, scope: StreamScope, manifest: Manifest, end: Ending, gaps: Collection[str | None]
) -> CoverageClaim:
    """The claim once its run is over: with authority, or with the reason why it has none.

    `gaps` are the streams for which anything was skipped or left open; None in it stands for all of them,
    and a stream lacks what its parents lack.
    """
    denied = _denied(claim, scope, manifest.stream(scope.name), end, gaps)
    return msgspec.structs.replace(claim, authority=denied is None, denied=denied)


def _denied(
    claim: CoverageClaim,
    scope: StreamScope,
    manifest: StreamManifest | None,
    end: Ending,
    gaps: Collection[str | None],
) -> str | None:
    if claim.claim != "full_refresh":
        return "not_claimed"
    if manifest is None or manifest.coverage_authority != "full_refresh":
        return "not_permitted"
    if scope.resources is not None or scope.fields is not None:
        return "narrowed"
    if end.status != "completed":
        return "run_not_completed"
    if None in gaps or not {scope.name, *manifest.parent_streams}.isdisjoint(gaps):
        return "incomplete"
    return None


def reconciles(
    record: UnseenRecord, manifest: StreamManifest, window: TimeRange | None, own: int, reach: int
) -> bool:
    """Whether a refresh with authority that did not see a live record takes it away.

    `own` has the bit of the refreshing path, `reach` the bits of paths that a rule lets it reach besides.
    A record that any other path has seen stays, and one outside the window (CI-02/R2, CI-02.2/T1, T2).
    """
    if not record.seen_by or record.seen_by & ~(own | reach):
        return False
    return window is None or _within(record, manifest, window)


def _within(record: UnseenRecord, manifest: StreamManifest, window: TimeRange) -> bool:
    field = manifest.consent_time_field
    at = instant(record.data.get(field)) if field is not None else None
    if at is None:
        return False
    since, until = instant(window.since), instant(window.until)
    return (since is None or at >= since) and (until is None or at < until)
