"""Leaves: the parts of a message that have no parts."""

from __future__ import annotations

from hashlib import sha256

from pdpp_plugins.connectors.mail.transfer import decoder
from pdpp_plugins.connectors.mail.words import decoded
from pdpp_plugins.connectors.wire import compact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.mail.content import Content

LONGEST_TEXT = 4 * 1024 * 1024


class Leaf:
    """Decodes what it is fed and hands it to `take`."""

    def __init__(self, content: Content) -> None:
        self._decoder = decoder(content.encoding)

    def feed(self, raw: bytes) -> None:
        """What follows of the part."""
        self.take(self._decoder.feed(raw))

    def finish(self) -> None:
        """The part is over."""
        self.take(self._decoder.finish())

    def take(self, raw: bytes) -> None:
        """Decoded bytes."""
        raise NotImplementedError


class Text(Leaf):
    """Text, kept up to 4 MiB, in the message as on the wire."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self.cut = False
        self._charset = content.charset
        self._kept: list[bytes] = []
        self._size = 0
        self._value = ""

    def take(self, raw: bytes) -> None:
        """Keep what there is room for."""
        room = LONGEST_TEXT - self._size
        self.cut = self.cut or len(raw) > room
        if raw and room > 0:
            self._kept.append(raw[:room])
            self._size += len(raw)

    def finish(self) -> None:
        """Make text of it, and let the bytes go."""
        super().finish()
        text = decoded(b"".join(self._kept), self._charset).replace("\r\n", "\n")
        self._kept = []
        self._value = _bounded(text)
        self.cut = self.cut or len(self._value) < len(text)

    def value(self) -> str:
        """The text."""
        return self._value


class Attachment(Leaf):
    """What is told of, and not kept."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self._filename = content.filename
        self._kind = content.kind
        self._size = 0
        self._hash = sha256()

    def take(self, raw: bytes) -> None:
        """Count and hash."""
        self._size += len(raw)
        self._hash.update(raw)

    def facts(self) -> dict[str, Any]:
        """Name, type, decoded size and SHA-256."""
        return {
            "filename": self._filename,
            "content_type": self._kind,
            "size": self._size,
            "sha256": self._hash.hexdigest(),
        }


def _bounded(text: str) -> str:
    while len(compact(text).encode()) > LONGEST_TEXT:  # JSON writes a control character in six bytes
        text = text[: len(text) * 3 // 4]
    return text
