"""Collecting: from START to STATE, mailbox by mailbox."""

from __future__ import annotations

from pdpp_plugins.connectors.collecting import Stream, boundaries, cursors, manifests, say_unknown
from pdpp_plugins.connectors.imap.account import account
from pdpp_plugins.connectors.imap.cursor import Reached, decode, encode
from pdpp_plugins.connectors.imap.mailbox import read_mailbox
from pdpp_plugins.connectors.imap.password import password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.imap.mailboxes import Mailboxes
    from pdpp_plugins.connectors.imap.server import Server
    from pdpp_plugins.connectors.scope import Boundary
    from pdpp_plugins.connectors.wire import Wire


def collect(start: dict[str, Any], wire: Wire) -> None:
    """Collect what START asks for; every cursor and bound is understood before the server is asked."""
    known, state = manifests(__file__), cursors(start)
    streams = [
        (boundary, decode(boundary, state.get(boundary.stream))) for boundary in boundaries(start, known)
    ]
    who = account(start)
    secret = password(who)
    from pdpp_plugins.connectors.imap.connecting import connected
    from pdpp_plugins.connectors.imap.mailboxes import Mailboxes

    with connected(who, secret) as server:
        mailboxes = Mailboxes(server)
        say_unknown(start, known, wire)
        for boundary, partitions in streams:
            _collect_stream(server, mailboxes, boundary, partitions, wire)


def _collect_stream(
    server: Server, mailboxes: Mailboxes, boundary: Boundary, partitions: dict[str, Reached], wire: Wire
) -> None:
    stream = Stream(boundary, wire)

    def read(name: str) -> Reached:
        before = partitions.get(name) or Reached()
        return read_mailbox(name, mailboxes.paths[name], stream, server, before)

    stream.collect(mailboxes, partitions, read, Reached(), encode)
