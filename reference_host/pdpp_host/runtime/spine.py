"""What happens in a run, as the spine keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pdpp_host.domain.entities import Run, SpineEvent


def happened(run: Run, at: datetime, event_type: str, data: dict[str, Any] | None = None) -> SpineEvent:
    """An event of a run, attributed to its connection."""
    return SpineEvent("connection", run.connection_id, run.run_id, at, event_type, data or {})
