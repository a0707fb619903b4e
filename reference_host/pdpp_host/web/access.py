"""Who may call: the owner, the stage, and whoever carries a grant."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

import jwt
import msgspec
from jwt.types import Options
from msgspec import Struct

from pdpp_host.domain.grants import Grant
from pdpp_host.web.keys import Keys, decoded

Audience = Literal["anyone", "owner", "reader", "stage"]
_ISSUER, _READS = "pdpp-host", "pdpp-host/v1"
_CHECKS: Options = {
    "require": ["exp", "iss", "aud"],
    # Time is the host's own clock, which a stage may stop.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


class _Claims(Struct, frozen=True):
    """What a grant token says."""

    exp: float
    grant: Grant


class Unwelcome(Exception):
    """A caller may not: `code` is `unauthorized` without a token and `forbidden` with the wrong one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Tokens:
    """Who may call: the owner's token, and the stage's where there is a stage."""

    owner: str
    stage: str | None = None

    @cached_property
    def keys(self) -> Keys:
        """The secrets that follow from the owner's token."""
        return Keys(self.owner)

    def is_owner(self, given: str) -> bool:
        """Whether this is the owner's token; a wrong one takes as long as the right one."""
        return _same(given, self.owner)

    def admit(self, audience: Audience, header: str | None, now: datetime) -> Grant | None:
        """Let a caller in: None for owner and stage, the grant of a reader that has one.

        Raises Unwelcome. Every token that does not open the route gets the same answer, so that a wrong
        one, an expired one and one for other routes cannot be told apart.
        """
        if audience == "anyone":
            return None
        scheme, _, given = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not given:
            raise Unwelcome("unauthorized", "send the header Authorization: Bearer TOKEN")
        if _same(given, self.stage if audience == "stage" else self.owner):
            return None
        grant = self._granted(given, now) if audience == "reader" else None
        if grant is None:
            raise Unwelcome("forbidden", "this token does not open this route, or not any more")
        return grant

    def grant_token(self, grant: Grant, expires_at: datetime) -> str:
        """A signed token for a grant."""
        claims = {
            "iss": _ISSUER,
            "aud": _READS,
            "exp": expires_at.timestamp(),
            "grant": msgspec.to_builtins(grant),
        }
        return jwt.encode(claims, self.keys.grants, algorithm="HS256")

    def _granted(self, token: str, now: datetime) -> Grant | None:
        # Another spelling of the same bytes is another token: nobody signed it.
        if any(decoded(part) is None for part in token.split(".")):
            return None
        try:
            raw = jwt.decode(
                token, self.keys.grants, ["HS256"], options=_CHECKS, audience=_READS, issuer=_ISSUER
            )
            claims = msgspec.convert(raw, _Claims, strict=True)
        except (jwt.PyJWTError, msgspec.ValidationError):
            return None
        return claims.grant if now.timestamp() < claims.exp else None


def _same(given: str, token: str | None) -> bool:
    return token is not None and hmac.compare_digest(given.encode(), token.encode())
