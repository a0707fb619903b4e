"""The wire's messages, as the host reads and writes them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

Action = Literal[
    "retry_by_runtime",
    "retry_on_connector_upgrade",
    "refresh_credentials",
    "manual_action_required",
    "update_selector",
    "upstream_unblock",
    "not_retriable",
    "unknown",
]


class RecoveryHint(Struct, frozen=True):
    """What would make a failed part succeed."""

    action: Action
    retryable: bool | None = None


class Record(Struct, frozen=True, tag="RECORD", tag_field="type", gc=False):
    """One record; `data` may be absent on a delete only."""

    stream: str
    key: str | list[str]
    emitted_at: str
    data: dict[str, Any] | None = None
    op: Literal["upsert", "delete"] = "upsert"


class State(Struct, frozen=True, tag="STATE", tag_field="type"):
    """A stream's next cursor, staged until the run ends well."""

    stream: str
    cursor: dict[str, Any]


class SkipResult(Struct, frozen=True, tag="SKIP_RESULT", tag_field="type"):
    """Something was not collected."""

    stream: str | None = None
    reason: str | None = None
    message: str | None = None
    diagnostics: dict[str, Any] | None = None
    recovery_hint: Action | RecoveryHint | None = None


class Progress(Struct, frozen=True, tag="PROGRESS", tag_field="type"):
    """How far the connector is."""

    message: str
    stream: str | None = None
    count: int | None = None
    total: int | None = None


class Interaction(Struct, frozen=True, tag="INTERACTION", tag_field="type"):
    """The connector asks the owner for something; at most one at a time."""

    request_id: str
    kind: Literal["credentials", "otp", "manual_action"]
    message: str
    schema: dict[str, Any] | None = None
    timeout_seconds: float | None = None


class DetailCoverage(Struct, frozen=True, tag="DETAIL_COVERAGE", tag_field="type"):
    """Which details of a stream were wanted and which were fetched."""

    reference_only: Literal[True]
    stream: str
    state_stream: str
    required_keys: list[str]
    hydrated_keys: list[str]
    gap_keys: list[str] | None = None


class DetailGap(Struct, frozen=True, tag="DETAIL_GAP", tag_field="type"):
    """One detail that could not be collected."""

    stream: str
    parent_stream: str | None = None
    record_key: str | list[str] | None = None
    reason: str | None = None
    retryable: bool | None = None
    detail_locator: Any = None


class DoneError(Struct, frozen=True):
    """Why a connector gave up."""

    message: str
    retryable: bool
    code: str | None = None
    recovery_hint: Action | RecoveryHint | None = None


class Done(Struct, frozen=True, tag="DONE", tag_field="type"):
    """The last line; `records_emitted` counts RECORD lines, deletes included."""

    status: Literal["succeeded", "failed", "cancelled"]
    records_emitted: int
    error: DoneError | None = None


class Assistance(Struct, frozen=True, tag="ASSISTANCE", tag_field="type"):
    """A deployed connector's extension: noted, not acted on."""


class AssistanceStatus(Struct, frozen=True, tag="ASSISTANCE_STATUS", tag_field="type"):
    """A deployed connector's extension: noted, not acted on."""


class DetailGapAttempted(Struct, frozen=True, tag="DETAIL_GAP_ATTEMPTED", tag_field="type"):
    """A deployed connector's extension: noted, not acted on."""


class DetailGapRecovered(Struct, frozen=True, tag="DETAIL_GAP_RECOVERED", tag_field="type"):
    """A deployed connector's extension: noted, not acted on."""


class DetailGapsPageRequest(Struct, frozen=True, tag="DETAIL_GAPS_PAGE_REQUEST", tag_field="type"):
    """A deployed connector's extension: noted, not acted on."""


Extension = Assistance | AssistanceStatus | DetailGapAttempted | DetailGapRecovered | DetailGapsPageRequest
FromConnector = (
    Record | State | SkipResult | Progress | Interaction | DetailCoverage | DetailGap | Done | Extension
)


class TimeRange(Struct, frozen=True, omit_defaults=True):
    """A window of instants, `since` inclusive and `until` exclusive."""

    since: str | None = None
    until: str | None = None


class StreamScope(Struct, frozen=True, omit_defaults=True):
    """What one stream of a run may hold."""

    name: str
    resources: tuple[str, ...] | None = None
    fields: tuple[str, ...] | None = None
    time_range: TimeRange | None = None


class Scope(Struct, frozen=True):
    """The streams of a run, never none."""

    streams: tuple[StreamScope, ...]


class Start(Struct, frozen=True, tag="START", tag_field="type"):
    """The host's first line, sent once."""

    run_id: str
    collection_mode: Literal["full_refresh", "incremental"]
    scope: Scope
    state: dict[str, Any] | None
    bindings: dict[str, Any]
    detail_gaps: tuple[Any, ...] = ()


class InteractionResponse(Struct, frozen=True, tag="INTERACTION_RESPONSE", tag_field="type"):
    """The answer to an INTERACTION."""

    request_id: str
    status: Literal["success", "cancelled", "timeout"]
    data: dict[str, Any] | UnsetType = UNSET


decode_message = msgspec.json.Decoder(FromConnector).decode
encode_line = msgspec.json.Encoder().encode


def key_text(key: str | list[str] | tuple[str, ...]) -> str:
    """A record key as one text: a string as it is, an array as compact JSON."""
    return key if isinstance(key, str) else encode_line(key).decode()
