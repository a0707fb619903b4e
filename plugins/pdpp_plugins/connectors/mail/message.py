"""Messages: one message, a few lines at a time, and the record that it becomes."""

from __future__ import annotations

from io import BytesIO

from pdpp_plugins.connectors.mail.header import PEOPLE, Header
from pdpp_plugins.connectors.mail.identity import ContentHash
from pdpp_plugins.connectors.mail.parts import Parts
from pdpp_plugins.connectors.mail.people import MOST_PEOPLE, date, first_id, ids, people
from pdpp_plugins.connectors.mail.words import phrase
from pdpp_plugins.connectors.plain_text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Message:
    """One message; without `whole` it is only told apart from others."""

    def __init__(self, line: int, *, whole: bool) -> None:
        self.line = line
        self.whole = whole
        self.cut = False
        self.empty = True
        self._header = Header()
        self._in_header = True
        self._content = ContentHash()
        self._parts: Parts | None = None

    @property
    def message_id(self) -> str | None:
        """Its Message-ID without brackets."""
        return first_id(self._header.text(b"message-id"))

    @property
    def digest(self) -> bytes:
        """The hash of what does not change about it."""
        return self._content.digest()

    def feed(self, raw: bytes, *, fresh: bool) -> None:
        """Take lines of the message, or a piece of one that is `fresh` when it begins it."""
        if not self._in_header and (self._parts is None or not self._parts.in_header):
            self._feed_body(raw, fresh=fresh)
            return
        for line in BytesIO(raw):
            self._feed_line(line, fresh=fresh)
            fresh = True

    def _feed_line(self, raw: bytes, *, fresh: bool) -> None:
        if self._in_header:
            if self._header.feed(raw, fresh=fresh):
                return
            self._begin_body()
            if self._header.ended_blank:
                return
        self._feed_body(raw, fresh=fresh)

    def _feed_body(self, raw: bytes, *, fresh: bool) -> None:
        self.empty = self.empty and not raw.strip()
        self._content.body(raw)
        if self._parts is not None:
            self._parts.feed(raw, fresh=fresh)

    def finish(self) -> None:
        """The message is over."""
        if self._in_header:
            self._begin_body()
        if self._parts is not None:
            self._parts.finish()
            self.cut = self.cut or self._parts.cut

    def data(self, mailbox: str, ident: str) -> dict[str, Any]:
        """The record's data."""
        header, parts = self._header, self._parts
        assert parts is not None, "a message that was not read whole becomes no record"
        subject = header.text(b"subject")
        fields = {name.decode(): people(header.texts(name)) for name in PEOPLE}
        self.cut = self.cut or any(len(found) > MOST_PEOPLE for found in fields.values())
        return {
            "mailbox": mailbox,
            "id": ident,
            "message_id": self.message_id,
            "in_reply_to": first_id(header.text(b"in-reply-to")),
            "references": ids(header.text(b"references")),
            "date": date(header.text(b"date")),
            **{name: found[:MOST_PEOPLE] for name, found in fields.items()},
            "subject": plain(phrase(subject)) if header.raw(b"subject") else None,
            "text": parts.text(),
            "attachments": parts.attachments(),
        }

    def _begin_body(self) -> None:
        self._in_header = False
        self.empty = self._header.empty
        self._content.header(self._header)
        if self.whole:
            self._parts = Parts(self._header)
