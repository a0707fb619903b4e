"""One mailbox: which of its messages are new, and how far it is read then."""

from __future__ import annotations

from pdpp_plugins.connectors.imap.cursor import Reached
from pdpp_plugins.connectors.imap.fetching import Fetching
from pdpp_plugins.connectors.mail.outbox import Outbox
from pdpp_plugins.connectors.passed import Passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.collecting import Stream
    from pdpp_plugins.connectors.imap.server import Server


def read_mailbox(name: str, path: bytes, stream: Stream, server: Server, before: Reached) -> Reached:
    """Emit the messages above the high-water; returns how far the mailbox is read then.

    Raises OSError when the server refuses. Where the server numbers its messages anew, or goes back
    behind what was read, all of the mailbox is read again, and what was not emitted before is emitted.
    """
    opened = server.examine(path)
    anew = before.uidvalidity != opened.uidvalidity or opened.uidnext <= before.uid
    outbox = Outbox(name, stream, before.known if anew else None)
    for ident, content in before.known.items():
        outbox.names.know(ident, content)
    reached = Reached(opened.uidvalidity, opened.uidnext - 1, passed=None if anew else before.passed)
    stream.reread += anew and before.begun
    first = 1 if anew else before.uid + 1
    for message in Fetching(server, stream.boundary).messages(first, reached.uid):
        stream.wire.check()
        _, reason = outbox.emit(message)
        if reason:
            reached.passed.setdefault(reason, Passed()).count += 1
    reached.known = outbox.names.taken
    for reason, passed in reached.passed.items():
        stream.notices.lines(reason, name, passed)
    return reached
