"""Browser surfaces: what their events tell of a connection."""

from __future__ import annotations

from typing import cast, get_args

from pdpp_host.domain.entities import SpineEvent
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
