"""The outbox: what becomes of each message of one mailbox."""

from __future__ import annotations

from pdpp_plugins.connectors.mail.identity import Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.collecting import Stream
    from pdpp_plugins.connectors.mail.message import Message

EMPTY = "source_messages_malformed"
CUT = "source_messages_cut"


class Outbox:
    """Names the messages of a mailbox and emits those that lie within the run."""

    def __init__(self, mailbox: str, stream: Stream) -> None:
        self.names = Names()
        self._mailbox = mailbox
        self._boundary = stream.boundary
        self._wire = stream.wire

    def emit(self, message: Message) -> tuple[str | None, str | None]:
        """Emit a message that was read whole; returns its date, and the reason why it is not all there."""
        if message.empty:
            return None, EMPTY
        ident = self.names.name(message.message_id, message.digest)
        data = message.data(self._mailbox, ident)
        key = [self._mailbox, ident]
        if self._boundary.inside(key, data):
            self._wire.record(self._boundary.stream, key, self._boundary.project(data))
        return data["date"], CUT if message.cut else None
