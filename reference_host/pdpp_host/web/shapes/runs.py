"""Runs, and what is told of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from pdpp_host.domain.endings import TerminalReason
from pdpp_host.domain.entities import Checkpoint, Counts, Gap, RunStatus, SpineEvent, Violation
from pdpp_host.domain.messages import Scope


class RunStarted(Struct, frozen=True):
    """A run that is under way."""

    run_id: str
    status: Literal["started"]


class RunShown(Struct, frozen=True, omit_defaults=True):
    """A run as the owner sees it; what it has not is left out."""

    run_id: str
    connection_id: str
    path: int
    status: RunStatus
    scope: Scope
    known_gaps: tuple[Gap, ...]
    checkpoint: Checkpoint
    records: Counts
    started_at: datetime
    finished_at: datetime | None = None
    profile_key: str | None = None
    terminal_reason: TerminalReason | None = None
    violation: Violation | None = None


class RunDetail(RunShown, frozen=True, omit_defaults=True):
    """A run as a connection's history has it: `failure_reason` says why it did not complete."""

    failure_reason: str | None = None


class Timeline(Struct, frozen=True):
    """A run's spine events, in order."""

    object: Literal["list"]
    data: tuple[SpineEvent, ...]
    has_more: bool
    next_cursor: str | None


class CancelAsked(Struct, frozen=True):
    """A run that was asked to end, or how it had ended before."""

    run_id: str
    status: Literal["cancelling", "completed", "failed", "cancelled", "surface_failed"]


class Cursors(Struct, frozen=True):
    """The committed cursors of a connection, by path and stream."""

    connection_id: str
    state: dict[str, dict[str, Any]]
