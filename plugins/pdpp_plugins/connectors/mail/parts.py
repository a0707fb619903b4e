"""Parts: a message's MIME structure, walked line by line, so that its size costs no memory."""

from __future__ import annotations

from pdpp_plugins.connectors.mail.content import Content
from pdpp_plugins.connectors.mail.header import Header
from pdpp_plugins.connectors.mail.leaf import Attachment, Leaf, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEEPEST = 32
_MOST = 500


class Parts:
    """Gathers the text and the attachments of one message."""

    def __init__(self, header: Header) -> None:
        self.cut = False
        self._boundaries: list[bytes] = []
        self._digests: list[bool] = []
        self._header: Header | None = None
        self._leaf: Leaf | None = None
        self._line_end = b""
        self._count = 0
        self._preamble: Text | None = None
        self._texts: list[Text] = []
        self._attachments: list[Attachment] = []
        self._begin(header)

    @property
    def in_header(self) -> bool:
        """Whether the next line may be one of a part's header, so that lines have to come one by one."""
        return self._header is not None

    def feed(self, raw: bytes, *, fresh: bool) -> None:
        """Take lines of the body, a boundary alone, or a piece of one that is `fresh` when it begins it."""
        if raw.startswith(b"--") and fresh and self._boundaries and self._crosses(raw):
            return
        if self._header is not None:
            if self._header.feed(raw, fresh=fresh):
                return
            header, self._header = self._header, None
            self._begin(header)
            if header.ended_blank:
                return
        if self._leaf is not None:
            body = raw.rstrip(b"\r\n")
            self._leaf.feed(self._line_end + body if self._line_end else body)
            self._line_end = raw[len(body) :]  # the last one belongs to the boundary that follows

    def finish(self) -> None:
        """The body is over."""
        self._end_part()
        if not self._count and self._preamble is not None:  # no part ever came
            self._texts.append(self._preamble)
        self.cut = self.cut or any(text.cut for text in self._texts)

    def text(self) -> str | None:
        """The text/plain parts, or None when there is none."""
        texts = [text.value() for text in self._texts]
        return "\n".join(texts).rstrip("\n") if texts else None

    def attachments(self) -> list[dict[str, Any]]:
        """The facts of each attachment."""
        return [attachment.facts() for attachment in self._attachments]

    def _begin(self, header: Header) -> None:
        content = Content(header, in_digest=bool(self._digests and self._digests[-1]))
        self.cut = self.cut or header.cut
        self._line_end = b""
        if content.boundary and len(self._boundaries) < _DEEPEST:
            self._boundaries.append(b"--" + content.boundary)
            self._digests.append(content.kind == "multipart/digest")
            if not self._count:
                self._leaf = self._preamble = Text(content)
            return
        self._count += 1
        if self._count > _MOST:
            self.cut = True
        elif content.is_text:
            self._texts.append(Text(content))
            self._leaf = self._texts[-1]
        elif content.is_attachment:
            self._attachments.append(Attachment(content))
            self._leaf = self._attachments[-1]

    def _crosses(self, raw: bytes) -> bool:
        line = raw.rstrip()
        for depth in reversed(range(len(self._boundaries))):
            boundary = self._boundaries[depth]
            if line == boundary:
                self._leave(depth + 1)
                self._header = Header()
                return True
            if line == boundary + b"--":
                self._leave(depth)
                return True
        return False

    def _leave(self, depth: int) -> None:
        self._end_part()
        del self._boundaries[depth:]
        del self._digests[depth:]

    def _end_part(self) -> None:
        if self._header is not None:
            header, self._header = self._header, None
            self._begin(header)
        leaf, self._leaf = self._leaf, None
        if leaf is not None:
            leaf.finish()
