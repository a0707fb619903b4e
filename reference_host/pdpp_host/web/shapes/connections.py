"""How connections are doing, and what stands behind them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from pdpp_host.domain.entities import LinkProof, Method
from pdpp_host.summaries.shapes import Summary
from pdpp_host.web.shapes.runs import RunDetail


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
