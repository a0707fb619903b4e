"""What configures connections and paths, and the rules that prove them one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from pdpp_host.domain.entities import LinkProof, Method
from pdpp_host.domain.requests import Names


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
