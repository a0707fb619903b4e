"""Headers: the fields of a message or of a part that a record is made of, bounded."""

from __future__ import annotations

import re

from pdpp_plugins.connectors.mail.words import decoded

_LONGEST = 64 * 1024
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)", re.DOTALL)

PEOPLE = (b"from", b"to", b"cc")
CONTENT = (b"content-type", b"content-transfer-encoding", b"content-disposition")
STABLE = (b"message-id", b"in-reply-to", b"references", b"date", *PEOPLE, b"subject", *CONTENT[:2])
"""The fields that stay as they are while a message is delivered, moved, read and flagged."""
_WANTED = frozenset([*STABLE, *CONTENT])


class Header:
    """A header block, line by line; each field is kept up to 64 KiB, and fields unknown to us not at all."""

    def __init__(self) -> None:
        self.empty = True
        self.cut = False
        self.ended_blank = False
        self._fields: dict[bytes, list[bytes]] = {}
        self._sizes: dict[bytes, int] = {}
        self._current: bytes | None = None

    def feed(self, raw: bytes, *, fresh: bool) -> bool:
        """Whether a line, or a piece of one that is `fresh` when it begins it, is part of the header.

        An empty line ends the header, and so does what can be no field.
        """
        if not fresh or (raw[:1] in (b" ", b"\t") and raw.strip()):
            self._add(raw)
            return True
        if not raw.strip():
            self.ended_blank = True
            return False
        field = _FIELD.match(raw)
        if field is None:
            self._current = None
            return self.empty and raw.startswith((b"From ", b">From "))
        self.empty = False
        name = field[1].lower()
        self._current = name if name in _WANTED else None
        if self._current:
            self._fields.setdefault(name, []).append(b"")
            self._add(field[2])
        return True

    def raw(self, name: bytes) -> list[bytes]:
        """The unfolded values of a field, in order."""
        return [value.strip() for value in self._fields.get(name, ())]

    def text(self, name: bytes) -> str:
        """The first value of a field, empty when there is none."""
        values = self.raw(name)
        return decoded(values[0]) if values else ""

    def texts(self, name: bytes) -> str:
        """All values of a field, as a comma list."""
        return ", ".join(map(decoded, self.raw(name)))

    def _add(self, raw: bytes) -> None:
        name = self._current
        if name is None:
            return
        room = _LONGEST - self._sizes.get(name, 0)
        kept = raw.rstrip(b"\r\n")[:room]
        self.cut = self.cut or len(kept) < len(raw.rstrip(b"\r\n"))
        self._sizes[name] = self._sizes.get(name, 0) + len(kept)
        self._fields[name][-1] += kept
