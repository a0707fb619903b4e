"""The outbox: what becomes of each message of one mailbox."""

from __future__ import annotations

from pdpp_plugins.connectors.mail.identity import Names, mark_of_content, mark_of_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.collecting import Stream
    from pdpp_plugins.connectors.mail.message import Message

EMPTY = "source_messages_malformed"
CUT = "source_messages_cut"


class Outbox:
    """Names the messages of a mailbox and emits those that lie within the run.

    Of those `had`, content by Message-ID as marks, the host has the records: they are not emitted.
    """

    def __init__(self, mailbox: str, stream: Stream, had: dict[bytes, bytes] | None = None) -> None:
        self._had = had or {}
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
        if self._boundary.inside(key, data) and not self._has(message):
            self._wire.record(self._boundary.stream, key, self._boundary.project(data))
        return data["date"], CUT if message.cut else None

    def _has(self, message: Message) -> bool:
        content = self._had.get(mark_of_id(message.message_id)) if self._had else None
        return content == mark_of_content(message.digest)
