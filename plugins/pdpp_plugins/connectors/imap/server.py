"""The server: a connection that only ever reads, and what went wrong with it in our own words.

A server's own words stay out of messages: nobody knows what they quote.
"""

from __future__ import annotations

import errno
from contextlib import contextmanager

from pdpp_plugins.connectors.refusals import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from imapclient import IMAPClient

    from pdpp_plugins.connectors.imap.account import Account

SECONDS = 60.0
"""So long a server may be silent."""


class Opened:
    """A mailbox as EXAMINE tells of it."""

    __slots__ = ("uidnext", "uidvalidity")

    def __init__(self, uidvalidity: int, uidnext: int) -> None:
        self.uidvalidity = uidvalidity
        self.uidnext = uidnext


class Server:
    """Questions to a server; each raises OSError when it says no, and Refused when it is gone."""

    def __init__(self, client: IMAPClient, account: Account) -> None:
        self._client = client
        self._account = account

    def listed(self) -> list[tuple[tuple[bytes, ...], bytes | None, bytes | str]]:
        """Flags, delimiter and name of each mailbox, the name as the server spells it."""
        self._client.folder_encode = False
        with speaking(self._account):
            found: list[tuple[tuple[bytes, ...], bytes | None, bytes | str]] = self._client.list_folders()
            return found

    def examine(self, path: bytes) -> Opened:
        """Open a mailbox so that nothing in it changes."""
        with speaking(self._account):
            told = self._client.select_folder(path, readonly=True)
        try:
            return Opened(told[b"UIDVALIDITY"], told[b"UIDNEXT"])
        except KeyError:  # without them nothing could be gone on from
            raise OSError(errno.EPROTO, "the mailbox has no lasting numbers") from None

    def uids(self, first: int, last: int) -> list[int]:
        """The messages from one UID to another that are there, in order."""
        with speaking(self._account):
            return sorted(self._client.search(["UID", f"{first}:{last}"]))

    def fetch(self, uids: list[int], *items: str) -> dict[int, dict[bytes, Any]]:
        """These items of each message that is there."""
        with speaking(self._account):
            fetched: dict[int, dict[bytes, Any]] = self._client.fetch(uids, items)
            return fetched


@contextmanager
def speaking(account: Account) -> Iterator[None]:
    """A lost connection is the end of the run; a no is an OSError, and the next question may be asked."""
    from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

    try:
        yield
    except IMAPClientAbortError:
        raise unavailable(f"the connection to {account.server} was lost") from None
    except IMAPClientError:
        raise OSError(errno.EIO, "the server refused") from None
    except OSError as error:
        why = f": {type(error).__name__}"
        raise unavailable(f"the connection to {account.server} was lost{why}") from None


def unavailable(message: str) -> Refused:
    """The server cannot be used now; another run may find it well."""
    return Refused(message, "source_unavailable", retryable=True, recovery_hint="retry_by_runtime")
