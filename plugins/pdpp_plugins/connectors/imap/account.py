"""Accounts: which server, and who logs in, out of the URL that START binds."""

from __future__ import annotations

from pdpp_plugins.connectors.refusals import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PORTS = {"imap": 143, "imaps": 993}
_FORM = "imap://login@server or imaps://login@server, with a port if need be"


class Account:
    """One login at one server; `tls` from the first byte, else STARTTLS or a loopback address."""

    __slots__ = ("host", "login", "port", "tls")

    def __init__(self, login: str, host: str, port: int, *, tls: bool) -> None:
        self.login = login
        self.host = host
        self.port = port
        self.tls = tls

    @property
    def server(self) -> str:
        """The server as it may be told."""
        return f"{self.host!r} (port {self.port})"

    @property
    def on_loopback(self) -> bool:
        """Whether what is said to the server never leaves the machine."""
        from ipaddress import ip_address

        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def account(start: dict[str, Any]) -> Account:
    """The account of START's `bindings.network.base_url`; raises Refused, and never quotes the URL."""
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(_bound(start))
        login, port = unquote(parts.username or "", errors="strict"), parts.port
    except ValueError:
        raise _unusable("is no URL") from None
    if parts.scheme not in _PORTS:
        raise _unusable("has another scheme")
    if parts.password is not None:
        raise _unusable("holds a password; put that into the netrc file and take it out of the URL")
    if not parts.hostname or not login or "\0" in login:
        raise _unusable("lacks a login or a server")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise _unusable("goes on after the server; name mailboxes as resources of a run")
    return Account(login, parts.hostname, port or _PORTS[parts.scheme], tls=parts.scheme == "imaps")


def _bound(start: dict[str, Any]) -> str:
    bindings = start.get("bindings")
    network = bindings.get("network") if isinstance(bindings, dict) else None
    url = network.get("base_url") if isinstance(network, dict) else None
    if not isinstance(url, str) or not url:
        raise Refused(
            f"START binds no account; give the path's source a base_url of the form {_FORM}",
            "source_not_bound",
            recovery_hint="manual_action_required",
        )
    return url


def _unusable(why: str) -> Refused:
    return Refused(
        f"the account's URL {why}; its form is {_FORM}",
        "account_not_understood",
        recovery_hint="manual_action_required",
    )
