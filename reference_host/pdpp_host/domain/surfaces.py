"""Browser surfaces: what their events tell of a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from pdpp_host.domain.entities import Run, SpineEvent
from pdpp_host.domain.evidence import SurfaceEvidence, SurfaceStatus

_PREFIX = "browser_surface."


def surface_of(event: SpineEvent) -> SurfaceEvidence | None:
    """What an event tells of its connection's surface, None for any other event."""
    status = event.event_type.removeprefix(_PREFIX)
    if event.source_kind != "connection" or status == event.event_type:
        return None
    if status not in get_args(SurfaceStatus):
        return None
    reason, key = event.data.get("reason"), event.data.get("profile_key")
    return SurfaceEvidence(
        cast(SurfaceStatus, status),
        event.occurred_at,
        reason if isinstance(reason, str) else None,
        key if isinstance(key, str) else None,
        event.run_id,
    )


def failure_reason(run: Run, events: Sequence[SpineEvent]) -> str | None:
    """Why a run did not complete: its terminal reason, else what its own surface said last (CS-01.2).

    `events` are those of the run's browser surface, in order.
    """
    if run.terminal_reason is not None or run.status != "surface_failed":
        return run.terminal_reason
    heard = (surface_of(event) for event in reversed(events))
    return next((each.reason or f"{_PREFIX}{each.status}" for each in heard if each is not None), None)
