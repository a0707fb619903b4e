"""Connecting: from an account to a server that lets it in, and never a password in the clear."""

from __future__ import annotations

import logging
import ssl
from contextlib import contextmanager, suppress

from pdpp_plugins.connectors.imap.server import SECONDS, Server, unavailable
from pdpp_plugins.connectors.refusals import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from imapclient import IMAPClient

    from pdpp_plugins.connectors.imap.account import Account


@contextmanager
def connected(account: Account, password: str) -> Iterator[Server]:
    """A server that has let the account in, until the block is left; raises Refused."""
    client = _connected(account)
    try:
        _log_in(client, account, password)
        yield Server(client, account)
        with suppress(Exception):  # all is read, and nobody waits for a farewell
            client.logout()
    finally:
        with suppress(Exception):
            client.shutdown()


def _connected(account: Account) -> IMAPClient:
    try:
        from imapclient import IMAPClient
        from imapclient.exceptions import IMAPClientError
    except ImportError:
        raise Refused(
            "the library that speaks IMAP is not installed; pip install 'pdpp-tck[imap]'",
            "library_missing",
            recovery_hint="manual_action_required",
        ) from None
    logging.getLogger("imapclient").setLevel(logging.CRITICAL)  # its warnings quote the server
    try:
        client = IMAPClient(account.host, account.port, ssl=account.tls, timeout=SECONDS)
        if not account.tls:
            _secure(client, account)
    except ssl.SSLCertVerificationError as error:
        raise Refused(
            f"the certificate of {account.server} cannot be trusted: {error.verify_message}",
            "server_not_trusted",
            recovery_hint="manual_action_required",
        ) from None
    except (IMAPClientError, OSError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise unavailable(f"{account.server} cannot be reached: {why}") from None
    return client


def _secure(client: IMAPClient, account: Account) -> None:
    if client.has_capability("STARTTLS"):
        client.starttls()
        return
    if not account.on_loopback:
        client.shutdown()
        raise Refused(
            f"{account.server} offers no STARTTLS, and a password is not sent in the clear; try imaps://",
            "server_not_secure",
            recovery_hint="manual_action_required",
        )


def _log_in(client: IMAPClient, account: Account, password: str) -> None:
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

    try:
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(account.login, password)
        else:
            client.login(account.login, password)
    except (IMAPClientAbortError, OSError):
        raise unavailable(f"the connection to {account.server} was lost at the login") from None
    except IMAPClientError as error:
        if "[UNAVAILABLE]" in str(error).upper():
            raise unavailable(f"{account.server} cannot check passwords now") from None
        raise Refused(
            f"{account.server} does not let {account.login!r} in with the password of the netrc file",
            "credentials_refused",
            recovery_hint="refresh_credentials",
        ) from None
