"""What goes over HTTP: the bodies that the host takes and the answers that it gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from pdpp_host.domain.declared_rules import DeclaredRule
from pdpp_host.domain.endings import TerminalReason
from pdpp_host.domain.entities import (
    BatchCounts,
    Checkpoint,
    Counts,
    CoverageClaim,
    Gap,
    LinkProof,
    Method,
    RunStatus,
    SpineEvent,
    Violation,
)
from pdpp_host.domain.messages import Scope
from pdpp_host.domain.requests import Candidate, Names
from pdpp_host.summaries.shapes import Summary


class Registration(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_ref/connectors`."""

    manifest: dict[str, Any]
    command: Names
    environment: dict[str, str] = {}


class Registered(Struct, frozen=True):
    """A connector that is registered now."""

    connector_key: str
    version: str


class Binding(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which account, profile, device or local thing a path reads."""

    account: str | None = None
    profile: str | None = None
    device: str | None = None
    local: str | None = None


class SourceBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a path's connector finds what it reads."""

    root: str | None = None
    base_url: str | None = None


class Configuration(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_ref/connections`."""

    connector_key: str
    binding: Binding
    method: Method
    display_name: str | None = None
    source: SourceBody = SourceBody()
    since: str | None = None
    browser_profile_key: str | None = None


class PathShown(Struct, frozen=True):
    """An acquisition path of a connection; `path` is its number."""

    path: int
    connector_key: str
    method: Method


class Configured(Struct, frozen=True):
    """A connection as it is configured now."""

    connection_id: str
    display_name: str
    paths: tuple[PathShown, ...]


class Provenance(Struct, frozen=True, omit_defaults=True):
    """Where a batch comes from: the run, the parser and its version, and the artifact of an import."""

    run_id: str
    connector_key: str
    parser_version: str
    source_format: str | None = None
    artifact_name: str | None = None
    artifact_sha256: str | None = None
    artifact_bytes: int | None = None


class BatchShown(Struct, frozen=True, omit_defaults=True):
    """A batch: the receipt is final when `status` is not `open`."""

    batch_id: str
    connection_id: str
    path: int
    method: Method
    status: Literal["open", "completed", "failed", "cancelled"]
    provenance: Provenance
    coverage: tuple[CoverageClaim, ...]
    counts: BatchCounts
    started_at: datetime
    finished_at: datetime | None = None


class BatchPage(Struct, frozen=True):
    """A page of a connection's batches, oldest first; `next_cursor` asks for the next one."""

    object: Literal["list"]
    data: tuple[BatchShown, ...]
    has_more: bool
    next_cursor: str | None


class PathDetail(Struct, frozen=True, omit_defaults=True):
    """An acquisition path as the owner sees it."""

    path: int
    connector_key: str
    method: Method
    binding: dict[str, str]
    created_at: datetime
    since: str | None = None


class PathSightings(Struct, frozen=True):
    """How many live records of a stream a path has seen, and how many of them no other path has."""

    path: int
    method: Method
    stream: str
    seen: int
    only: int


class ImportStarted(Struct, frozen=True):
    """An import that is under way, or one that was recognised: then `receipt` is that of the same bytes."""

    run_id: str
    batch_id: str
    status: Literal["started", "recognised"]
    receipt: BatchShown | None = None


class RuleShown(Struct, frozen=True, omit_defaults=True):
    """An identity rule: whether it is installed, and since when."""

    name: str
    installed: bool
    installed_at: datetime | None = None


class RuleList(Struct, frozen=True):
    """The identity rules that there are; `links` are the proofs by which installing one joined paths."""

    object: Literal["list"]
    data: tuple[RuleShown, ...]
    links: tuple[LinkProof, ...] = ()


class RuleWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_ref/identity-rules`: a rule that a plugin brings, to be in force or not."""

    name: str
    installed: bool


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


class SummaryPage(Struct, frozen=True):
    """How connections are doing, in the order in which they were made."""

    object: Literal["list"]
    data: tuple[Summary, ...]
    has_more: bool
    next_cursor: str | None


class ConnectionDetail(Summary, frozen=True, omit_defaults=True, kw_only=True):
    """A connection in depth: its summary, its latest runs, and its last success behind any number of them."""

    runs: tuple[RunDetail, ...] = ()
    last_success: RunDetail | None = None


class Changes(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `PATCH /_ref/connections/{connection_id}`; what is left out stays."""

    display_name: Annotated[str, Meta(min_length=1)] | None = None
    paused: bool | None = None


class ScheduleBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `PUT …/schedule`: the seconds between runs, null for no schedule."""

    interval_seconds: Annotated[int, Meta(ge=60, le=366 * 86400)] | None


class Diagnostics(Struct, frozen=True, omit_defaults=True):
    """What stands behind a connection: its paths, the proofs by which they are one source, who saw what."""

    connection_id: str
    display_name: str
    paths: tuple[PathDetail, ...]
    proofs: tuple[LinkProof, ...]
    evidence: tuple[PathSightings, ...]
    identity_rules: tuple[str, ...]
    runs: tuple[RunDetail, ...] = ()
    last_run: RunDetail | None = None
    last_successful_run: RunDetail | None = None
    superseded_by: str | None = None


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


class GrantWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_ref/grants`; a stream that `fields` does not name is granted whole."""

    connections: Names
    streams: Names
    expires_at: str
    fields: dict[str, Names] = {}


class GrantGiven(Struct, frozen=True):
    """A grant's token, for the Authorization header of a reader."""

    token: str


class StreamRow(Struct, frozen=True):
    """A stream of a connection that holds records, and how many."""

    stream: str
    records: int
    connection_id: str
    connection_name: str
    connector_key: str


class StreamList(Struct, frozen=True):
    """The streams that the reader may read."""

    object: Literal["list"]
    data: tuple[StreamRow, ...]
    has_more: bool
    next_cursor: str | None


class RecordRow(Struct, frozen=True, omit_defaults=True):
    """A record; `key` is left out where it would tell a field that is not granted."""

    record_id: str
    stream: str
    data: dict[str, Any]
    emitted_at: str
    connection_id: str
    connection_name: str
    connector_key: str
    key: str | None = None


class RecordPage(Struct, frozen=True):
    """A page of records; `next_cursor` asks for the next one."""

    object: Literal["list"]
    data: tuple[RecordRow, ...]
    has_more: bool
    next_cursor: str | None


class StateBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/state`: cursors to commit for a path, as if a run had."""

    connection_id: str
    state: dict[str, dict[str, Any]]
    path: int = 0


class StageShown(Struct, frozen=True):
    """Which operations this stage has."""

    operations: tuple[str, ...]


class StatePut(Struct, frozen=True):
    """Cursors that are committed now."""

    connection_id: str
    path: int
    streams: tuple[str, ...]


class Fault(Struct, frozen=True, omit_defaults=True):
    """What went wrong; `param` names the part of the request that is at fault.

    `connection_id` is the connection to turn to instead, `candidates` those to which a path could belong.
    """

    code: str
    message: str
    param: str | None = None
    connection_id: str | None = None
    candidates: tuple[Candidate, ...] | None = None


class Error(Struct, frozen=True):
    """The body of every error."""

    error: Fault


class SpineBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/spine`: how many events, of runs of how many sources."""

    events: Annotated[int, Meta(ge=1, le=1_000_000)]
    sources: Annotated[int, Meta(ge=1, le=10_000)] = 100


class SpineFilled(Struct, frozen=True):
    """Events that are in the spine now."""

    events: int


class SchemaBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/schema`: look only, or first lose `index`, age by a revision, or start."""

    do: Literal["look", "lose", "age", "start"]
    index: str = ""


class RulesBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/rules`: a rule to install as it is declared, or one to remove by name."""

    install: DeclaredRule | None = None
    remove: str | None = None


class IndexShown(Struct, frozen=True):
    """An index as the database has it; `where` is the predicate of a partial one."""

    table: str
    name: str
    columns: tuple[str, ...]
    where: str | None
    usable: bool


class SchemaShown(Struct, frozen=True):
    """The schema as it is, and how a source's runs would be grouped: by which indexes, reading what whole."""

    revision: str | None
    indexes: tuple[IndexShown, ...]
    grouped_by: tuple[str, ...]
    scanned: tuple[str, ...]
