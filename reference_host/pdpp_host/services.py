"""What a host is made of: its ports, and one pure function for each thing that a clause can turn on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from uuid import uuid4

from pdpp_host.domain.belonging import matches_run
from pdpp_host.domain.coverage import decided, reconciles
from pdpp_host.domain.cursors import PAGE, cursor, place_at
from pdpp_host.domain.definitions import fingerprint
from pdpp_host.domain.endings import Ending, Seen, ending, may_commit
from pdpp_host.domain.entities import (
    Checkpoint,
    Connection,
    CoverageClaim,
    Gap,
    Path,
    Run,
    SpineEvent,
    StoredRecord,
    UnseenRecord,
)
from pdpp_host.domain.evidence import EvidenceRow, Liveness, Policy
from pdpp_host.domain.gaps import gap_of
from pdpp_host.domain.grants import Face, Grant, Granted, Whose, granted, readable, whose
from pdpp_host.domain.identity import IdentityRule, Place, Proof, Rules, SourceBinding, place, proofs
from pdpp_host.domain.known import open_after
from pdpp_host.domain.manifest import Manifest, StreamManifest
from pdpp_host.domain.messages import DetailGap, Done, Record, SkipResult, StreamScope, TimeRange
from pdpp_host.domain.records import record_id
from pdpp_host.domain.requests import RunRequest, parse_run_request, start_streams
from pdpp_host.domain.scope import Outside, ends_run, inside
from pdpp_host.domain.surfaces import failure_reason
from pdpp_host.flights import Flights, Sharing, flight_of
from pdpp_host.ports import Storage
from pdpp_host.summaries.shapes import Summary
from pdpp_host.summaries.synthesis import overview, synthesise

Decide = Callable[[CoverageClaim, StreamScope, Manifest, Ending, Collection[str | None]], CoverageClaim]

Reading = Callable[[Grant | None, Face, Iterable[Connection], str | None, str | None], tuple[Connection, ...]]


class Clock:
    """The host's time; a stage may stop it."""

    def __init__(self) -> None:
        self._frozen: datetime | None = None
        self._lock = Lock()

    def now(self) -> datetime:
        """The present moment in UTC, or the moment at which the clock was stopped."""
        with self._lock:
            return self._frozen or datetime.now(UTC)

    def stop(self, moment: datetime | None) -> None:
        """Stop the clock at `moment`, or let it run again."""
        with self._lock:
            self._frozen = moment


def new_id(kind: str) -> str:
    """A fresh id that says what it names: `run_…`, `conn_…`, `batch_…`."""
    return f"{kind}_{uuid4().hex}"


def start_state(
    manifest: Manifest, streams: tuple[StreamScope, ...], committed: dict[str, Any]
) -> dict[str, Any] | None:
    """The state that START carries: the committed cursors of these streams, or None.

    A stream's cursor stands under its own name, or under the `state_stream` of its manifest.
    """
    wanted = {stream.name for stream in streams}
    kept = {
        name
        for stream in manifest.streams
        if stream.name in wanted
        for name in (stream.name, stream.state_stream)
    }
    return {name: cursor for name, cursor in committed.items() if name in kept} or None


@dataclass(frozen=True, slots=True)
class Services:
    """One host's ports, decisions and limits; `adapt_services` may replace any of them.

    `line_limit` is a connector's longest line in bytes, `artifact_limit` the largest artifact, `page_rows`
    how long the page of a list is where nobody says it. A run is
    ended when its connector says nothing for `silence_limit_s` seconds, and after `run_limit_s` whatever it
    says; an upload, when its caller says nothing for so long.
    """

    storage: Storage
    clock: Clock
    new_id: Callable[[str], str] = new_id
    parse_run_request: Callable[[bytes, Manifest], RunRequest] = parse_run_request
    start_streams: Callable[[Manifest, RunRequest, str | None], tuple[StreamScope, ...]] = start_streams
    start_state: Callable[[Manifest, tuple[StreamScope, ...], dict[str, Any]], dict[str, Any] | None] = (
        start_state
    )
    inside: Callable[[Record, StreamScope, StreamManifest], Outside | None] = inside
    ends_run: Callable[[Outside], bool] = ends_run
    gap_of: Callable[[SkipResult | DetailGap | Done], Gap | None] = gap_of
    ending: Callable[[Seen], Ending] = ending
    may_commit: Callable[[Ending, bool], Checkpoint] = may_commit
    proofs: Callable[[Rules, SourceBinding, SourceBinding], tuple[Proof, ...]] = proofs
    place: Callable[[Sequence[tuple[Path, Proof]]], Place] = place
    fingerprint: Callable[[StreamManifest], str] = fingerprint
    record_id: Callable[[str, int, str, str, str | None], str] = record_id
    coverage: Decide = decided
    reconciles: Callable[[UnseenRecord, StreamManifest, TimeRange | None, int, int], bool] = reconciles
    readable: Reading = readable
    granted: Callable[[StoredRecord, Grant | None, tuple[str, ...] | None], Granted] = granted
    whose: Callable[[Connection], Whose] = whose
    cursor: Callable[[Callable[[str, bytes], str], str, bytes], str] = cursor
    place_at: Callable[[Callable[[str, str], bytes | None], str, str], bytes | None] = place_at
    matches_run: Callable[[Run, str, Collection[str]], bool] = matches_run
    failure_reason: Callable[[Run, Sequence[SpineEvent]], str | None] = failure_reason
    open_after: Callable[[tuple[Gap, ...], Run], tuple[Gap, ...]] = open_after
    synthesise: Callable[[EvidenceRow, datetime, Liveness, Policy], Summary] = synthesise
    overview: Callable[[Summary], Summary] = overview
    flight_of: Callable[[str, Mapping[str, str]], Hashable | None] = flight_of
    flights: Callable[[], Sharing] = Flights
    policy: Policy = field(default_factory=Policy)
    identity_rules: tuple[IdentityRule, ...] = ()
    line_limit: int = 64 * 1024 * 1024
    silence_limit_s: float = 600.0
    run_limit_s: float = 86_400.0
    page_rows: int = PAGE
    artifact_limit: int = 2 * 1024**3
