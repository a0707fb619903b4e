"""What a refusal says."""

from __future__ import annotations

from msgspec import Struct

from pdpp_host.domain.requests import Candidate


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
