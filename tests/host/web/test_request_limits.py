"""What a caller may send at most, and how tokens are compared."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from pdpp_host.web import access, keys
from pdpp_host.web.access import Tokens, Unwelcome
from pdpp_host.web.calls import BODY_LIMIT

from .callers import OWNER, Caller

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def test_a_body_at_the_limit_and_over_it(owner: Caller) -> None:
    """A mebibyte is read, a byte more is refused, with its length announced or not."""
    at = b" " * (BODY_LIMIT - 2) + b"{}"
    assert owner.call("POST", "/_ref/grants", at).code == "invalid_request"
    assert owner.call("POST", "/_ref/grants", at + b" ").code == "body_too_large"
    chunks = (b" " * 1024 for _ in range(2000))
    authorised = {"Authorization": f"Bearer {OWNER}"}
    answer = owner.client.post("/_ref/grants", content=chunks, headers=authorised)
    assert answer.json()["error"]["code"] == "body_too_large"


@pytest.mark.parametrize("where", ["header", "path", "many headers", "without end"])
def test_a_head_is_bounded(owner: Caller, where: str) -> None:
    """A request's line and headers are refused beyond 64 KiB and a bit, and the connection ends."""
    long = "x" * 200_000
    head = {
        "header": f"GET /openapi.json HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n",
        "path": f"GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n",
        "many headers": "GET /openapi.json HTTP/1.1\r\nHost: x\r\n" + "a: b\r\n" * 40_000 + "\r\n",
        "without end": long * 20,
    }[where]
    base = owner.client.base_url
    with socket.create_connection((base.host, base.port or 0), timeout=20) as raw:
        said = b""
        try:
            raw.sendall(head.encode())
            while chunk := raw.recv(65536):
                said += chunk
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert said == b"" or said.startswith(b"HTTP/1.1 4")
    assert owner.get("/v1/streams").status == 200


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Owner's and stage's tokens, and what the host has sealed, are told apart by `compare_digest` alone."""
    seen: list[tuple[Any, Any]] = []

    class Recording:
        """`hmac`, whose comparison says yes to everything: whoever is let in was compared by it."""

        digest = staticmethod(keys.hmac.digest)

        @staticmethod
        def compare_digest(one: Any, other: Any) -> bool:
            seen.append((one, other))
            return True

    for module in (access, keys):
        monkeypatch.setattr(module, "hmac", Recording)
    tokens = Tokens("the owner's", "the stage's")
    assert tokens.admit("owner", "Bearer wrong", NOW) is None
    assert tokens.admit("stage", "Bearer wrong", NOW) is None
    assert tokens.is_owner("wrong")
    assert seen == [(b"wrong", b"the owner's"), (b"wrong", b"the stage's"), (b"wrong", b"the owner's")]
    sealed = tokens.keys.sealed("a", b"content")
    assert tokens.keys.opened("another", sealed) is not None


def test_where_there_is_no_stage_no_token_opens_it() -> None:
    """Not even an empty one."""
    for header in ("Bearer ", "Bearer None", "Bearer x"):
        with pytest.raises(Unwelcome):
            Tokens("x").admit("stage", header, NOW)
