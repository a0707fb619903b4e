"""Content: what a header says of the body that follows it."""

from __future__ import annotations

from pdpp_plugins.connectors.mail.words import decoded, phrase
from pdpp_plugins.connectors.plain_text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.mail.header import Header

_LONGEST_NAME = 255
_LONGEST_KIND = 100


class Content:
    """Type, charset, encoding, boundary and file name, as far as they can be made out."""

    def __init__(self, header: Header, *, in_digest: bool = False) -> None:
        from email.message import Message

        self._fields = Message()
        if in_digest:
            self._fields.set_default_type("message/rfc822")
        for name in (b"content-type", b"content-disposition"):
            text = header.text(name)
            if text:
                self._fields[name.decode()] = text
        self.encoding = header.text(b"content-transfer-encoding")
        self.kind = plain(self._fields.get_content_type())[:_LONGEST_KIND]
        self.charset = self._parameter("charset", "content-type")
        self.filename = self._filename()
        self.boundary = self._boundary()

    @property
    def is_text(self) -> bool:
        """Whether it is read as the message's own text; a multipart without a boundary is."""
        return self._is_inline and (self.kind == "text/plain" or self.kind.startswith("multipart/"))

    @property
    def is_attachment(self) -> bool:
        """Whether it is told of as an attachment; another version of the text is not."""
        return not (self._is_inline and self.kind in ("text/plain", "text/html"))

    @property
    def _is_inline(self) -> bool:
        return self.filename is None and self._disposition() != "attachment"

    def _disposition(self) -> str:
        text: str = self._fields.get("content-disposition", "")
        return text.partition(";")[0].strip().lower()

    def _filename(self) -> str | None:
        name = self._parameter("filename", "content-disposition") or self._parameter("name", "content-type")
        return plain(phrase(name))[:_LONGEST_NAME] if name else None

    def _boundary(self) -> bytes:
        if not self.kind.startswith("multipart/"):
            return b""
        return (self._parameter("boundary", "content-type") or "").rstrip().encode("utf-8", "replace")

    def _parameter(self, name: str, field: str) -> str | None:
        try:
            value = self._fields.get_param(name, header=field)
        except Exception:  # the standard library fails in many ways on what RFC 2231 never meant
            return None
        if isinstance(value, tuple):
            charset, _, raw = value
            return decoded(raw.encode("latin-1", "replace"), charset)
        return value or None
