"""`imap_account`: two bindings that name one account of one mail server are one source."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pluggy

from pdpp_host.domain.entities import Method
from pdpp_host.domain.identity import Proof, SourceBinding

hookimpl = pluggy.HookimplMarker("pdpp_host")
_PORTS = {"imap": 143, "imaps": 993}


class ImapAccount:
    """Takes `account` for a proof where it is a URL of the form imap://login@server, and nothing else.

    An e-mail address by itself names no server that could tell whose it is.
    """

    name = "imap_account"
    from_the_start = False

    def prove_same_source(self, a: SourceBinding, b: SourceBinding) -> Proof | None:
        """The proof that both name one account, whichever way they connect to its server."""
        account = _account(a.account)
        if account is None or account != _account(b.account):
            return None
        login, server = account
        return Proof(self.name, f"both bindings name the account {login!r} of the IMAP server {server}")

    def wanting(self, a: SourceBinding, b: SourceBinding) -> str:
        """Which of the bindings name no account, or that the accounts differ."""
        if _account(a.account) is None or _account(b.account) is None:
            return "both bindings must name an account as imap://login@server"
        return "both bindings must name the same login and server"

    def logical_record(self, stream: str, method: Method, key: str, data: dict[str, Any]) -> None:
        """None: an account tells nothing of a single record."""

    def authorises_reconciliation(self, proof: Proof, stream: str) -> bool:
        """Never: what an archive holds may be gone from the server for years."""
        return False


def _account(text: str | None) -> tuple[str, str] | None:
    """The login and the server of an account URL; a server's own port is left out."""
    try:
        url = urlsplit(text or "")
        own, port = _PORTS.get(url.scheme), url.port
    except ValueError:
        return None
    if own is None or not url.username or not url.hostname:
        return None
    server = url.hostname if port in (None, own) else f"{url.hostname}:{port}"
    return unquote(url.username), server


@hookimpl
def register_identity_rules() -> list[ImapAccount]:
    """The rule `imap_account`."""
    return [ImapAccount()]
