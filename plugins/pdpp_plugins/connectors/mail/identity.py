"""Identity: what makes a message the same message, and what it is called within its mailbox."""

from __future__ import annotations

from hashlib import sha256

from pdpp_plugins.connectors.mail.header import STABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.mail.header import Header

ID_BYTES = 5
CONTENT_BYTES = 3
_SHOWN = 16


class ContentHash:
    """The SHA-256 of a message's lasting fields and its body, whatever ends its lines."""

    def __init__(self) -> None:
        self._hash = sha256()
        self._line_feeds = 0

    def header(self, header: Header) -> None:
        """Take the fields in that no delivery, move or flag changes."""
        for name in STABLE:
            for value in header.raw(name):
                self._hash.update(b"%s: %s\n" % (name, value))
        self._hash.update(b"\n")

    def body(self, raw: bytes) -> None:
        """Take lines of the body in; empty lines at the end of it count for nothing."""
        text = raw.replace(b"\r\n", b"\n")
        lines = text.rstrip(b"\n")
        if lines:
            self._hash.update(b"\n" * min(self._line_feeds, 1000) + lines)
            self._line_feeds = 0
        self._line_feeds += len(text) - len(lines)

    def digest(self) -> bytes:
        """The hash."""
        return self._hash.digest()


class Names:
    """The names of a mailbox's messages.

    A message is called by its Message-ID. Where another one of other content has that already, a `#` and
    the beginning of the content hash follow; where there is none, the content hash is the name.
    """

    def __init__(self) -> None:
        self._contents: dict[bytes, bytes] = {}

    @property
    def taken(self) -> dict[bytes, bytes]:
        """The marks of content, by the mark of the Message-ID that has them."""
        return self._contents

    def know(self, ident: bytes, content: bytes) -> None:
        """A message that has its name from an earlier run, by its marks."""
        self._contents.setdefault(ident, content)

    def name(self, message_id: str | None, digest: bytes) -> str:
        """The name of a message."""
        if message_id is None:
            return digest.hex()
        content = mark_of_content(digest)
        if self._contents.setdefault(mark_of_id(message_id), content) == content:
            return message_id
        return f"{message_id}#{digest.hex()[:_SHOWN]}"


def mark_of_id(message_id: str | None) -> bytes:
    """A short mark of a Message-ID; zeros where there is none."""
    if message_id is None:
        return bytes(ID_BYTES)
    return sha256(message_id.encode("utf-8", "replace")).digest()[:ID_BYTES]


def mark_of_content(digest: bytes) -> bytes:
    """A short mark of a content hash."""
    return digest[:CONTENT_BYTES]
