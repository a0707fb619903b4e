"""The mailboxes of an account: what they are called, whatever the server puts between the levels."""

from __future__ import annotations

from pdpp_plugins.connectors.imap.server import unavailable
from pdpp_plugins.connectors.inventory import Inventory
from pdpp_plugins.connectors.plain_text import is_plain
from pdpp_plugins.connectors.root import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.imap.server import Server

_NO_MAILBOX = {b"\\noselect", b"\\nonexistent"}


class Mailboxes(Inventory):
    """The mailboxes that may be opened, by path, with `/` between the levels.

    A `/` within a level, where the server puts something else between them, is `%2F`. Of two mailboxes
    that would have one name the second is not taken, and told of.
    """

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.paths: dict[str, bytes] = {}
        try:
            listed = server.listed()
            if len(listed) == 1:  # INBOX is listed even where the store behind it is out of reach
                server.examine(_raw(listed[0][2]))
        except OSError:
            raise unavailable("the server cannot list the account's mailboxes") from None
        for flags, delimiter, spelt in sorted(listed, key=lambda entry: _raw(entry[2])):
            if not _NO_MAILBOX.intersection(flag.lower() for flag in flags):
                self._add(_raw(spelt), delimiter)
        self.partitions = sorted(self.paths)

    def _add(self, path: bytes, delimiter: bytes | None) -> None:
        name = name_of(path, delimiter)
        if name is None or name in self.paths:
            self.undecodable.append(shown(path))
        else:
            self.paths[name] = path


def name_of(path: bytes, delimiter: bytes | None) -> str | None:
    """What a mailbox is called; None where its name is not modified UTF-7."""
    from imapclient.imap_utf7 import decode

    if path.upper() == b"INBOX":
        return "INBOX"
    try:
        levels = [decode(level) for level in (path.split(delimiter) if delimiter else [path])]
    except UnicodeError:
        return None
    name = "/".join(level.replace("/", "%2F") for level in levels)
    return name if name and path.isascii() and is_plain(name) else None


def _raw(spelt: bytes | str) -> bytes:
    # A name of digits comes as a number and is made text again.
    return spelt.encode() if isinstance(spelt, str) else spelt
