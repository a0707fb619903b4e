"""Collecting: from START to STATE, mailbox by mailbox."""

from __future__ import annotations

from pdpp_plugins.connectors.collecting import Stream, boundaries, cursors, manifests, say_unknown
from pdpp_plugins.connectors.high_water import HighWater
from pdpp_plugins.connectors.mailbox.cursor import decode, encode
from pdpp_plugins.connectors.mailbox.maildir import Maildir
from pdpp_plugins.connectors.mailbox.mbox import Mbox
from pdpp_plugins.connectors.mailbox.seen import Seen
from pdpp_plugins.connectors.mailbox.tree import Mailboxes
from pdpp_plugins.connectors.root import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.mailbox.cursor import Reached
    from pdpp_plugins.connectors.scope import Boundary
    from pdpp_plugins.connectors.wire import Wire


def collect(start: dict[str, Any], wire: Wire) -> None:
    """Collect what START asks for; every cursor and bound is understood before the first record goes out."""
    known, state = manifests(__file__), cursors(start)
    streams = [
        (boundary, decode(boundary, state.get(boundary.stream))) for boundary in boundaries(start, known)
    ]
    observed = {name for _, partitions in streams for name in partitions}
    mailboxes = listed(start, lambda root: Mailboxes(root, observed))
    say_unknown(start, known, wire)
    for boundary, partitions in streams:
        _collect_stream(mailboxes, boundary, partitions, wire)


def _collect_stream(
    mailboxes: Mailboxes, boundary: Boundary, partitions: dict[str, Reached], wire: Wire
) -> None:
    stream = Stream(boundary, wire)

    def read(name: str) -> Reached:
        high = partitions.get(name)
        if name in mailboxes.maildirs:
            maildir = Maildir(name, stream, mailboxes.root, mailboxes.maildirs[name])
            return maildir.read(high if isinstance(high, Seen) else Seen())
        mbox = Mbox(name, stream, high if isinstance(high, HighWater) else HighWater())
        with mailboxes.root.open(mailboxes.files[name]) as file:
            return mbox.read(file)

    stream.collect(mailboxes, partitions, read, HighWater(), encode)
