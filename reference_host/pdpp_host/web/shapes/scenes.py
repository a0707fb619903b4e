"""The bodies of the stage's part for summaries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from pdpp_host.domain.entities import Counts, Gap, RunStatus

_Many = Annotated[int, Meta(ge=1, le=1_000_000)]


class Staged(Struct, frozen=True, omit_defaults=True):
    """That it was done: the host's time, and the ids of what was made."""

    now: datetime
    ids: tuple[str, ...] = ()


class ClockBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/clock`: the moment at which time stands still, null to let it run."""

    at: str | None


class ConnectionsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/connections`: so many, each with so many records and a success."""

    connector_key: str
    count: Annotated[int, Meta(ge=1, le=10_000)]
    stream: str
    records: Annotated[int, Meta(ge=0, le=10_000)] = 0


class LivenessBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/liveness`: what is said to be under way; a null carrier takes it back."""

    connection_id: str
    running: bool = True
    carrier: Literal["alive", "dead", "unknown"] | None = None


class StagedEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """An event that a staged run leaves."""

    event_type: str
    data: dict[str, Any] = {}


class RunsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/runs`: finished runs; without a connection_id they name none.

    With a `run_id` that run is taken further: it gets the events and, where it is another, the status.
    """

    status: RunStatus
    run_id: str | None = None
    connection_id: str = ""
    profile_key: str | None = None
    path: int = 0
    at: str | None = None
    terminal_reason: str | None = None
    narrowed: bool = False
    known_gaps: tuple[Gap, ...] = ()
    records: Counts = Counts()
    events: tuple[StagedEvent, ...] = ()
    count: _Many = 1


class RecordsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/records`: so many records of a path, their keys a prefix and a number."""

    connection_id: str
    stream: str
    count: _Many
    path: int = 0
    prefix: str = "r"
    text: str = "staged"
    deleted: bool = False


class HoldBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/hold`; those that are let go `failing` fail."""

    held: bool
    failing: bool = False


class BreakBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/break`."""

    what: Literal["history", "evidence"]
    connection_id: str
    broken: bool = True


class DenyBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/deny_writes`."""

    denied: bool


class TraceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/trace`: the `X-Request-Id` that a request carried."""

    request_id: str


class TraceShown(Struct, frozen=True):
    """Statements and rows of a request, reads and writes apart, and all projections of the list so far."""

    reads: int
    writes: int
    rows_read: int
    rows_written: int
    projections: int


class TamperBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/tamper`: whose stored rendering to overwrite."""

    connection_id: str


class Tampered(Struct, frozen=True):
    """The places in which a rendering was stored and is overwritten now."""

    places: tuple[str, ...]
