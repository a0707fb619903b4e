"""What readers are granted, and what they read."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from pdpp_host.domain.requests import Names


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
