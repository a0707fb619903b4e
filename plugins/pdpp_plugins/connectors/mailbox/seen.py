"""Seen: what the cursor keeps of a Maildir folder, 20 characters for each message that is there."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from pdpp_plugins.connectors.mail.identity import CONTENT_BYTES, ID_BYTES
from pdpp_plugins.connectors.mail.outbox import CUT, EMPTY
from pdpp_plugins.connectors.refusals import cursor_not_understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME_BYTES = 6
_BYTES = NAME_BYTES + ID_BYTES + CONTENT_BYTES + 1
FLAGS = {None: 0, EMPTY: 1, CUT: 2}
REASONS = {flag: reason for reason, flag in FLAGS.items() if reason}


class Seen:
    """The messages of a folder, by the mark of their names: mark of Message-ID, of content, and a flag."""

    begun = True

    def __init__(self, marks: dict[bytes, bytes] | None = None) -> None:
        self.marks = marks or {}

    def encode(self) -> dict[str, Any]:
        """As STATE carries it."""
        raw = b"".join(name + rest for name, rest in self.marks.items())
        return {"messages": b2a_base64(raw, newline=False).decode()}

    @staticmethod
    def told_apart(rest: bytes) -> tuple[bytes, bytes]:
        """The marks of Message-ID and content."""
        return rest[:ID_BYTES], rest[ID_BYTES:-1]


def decode_seen(stream: str, raw: dict[str, Any]) -> Seen:
    """What `Seen.encode` wrote; raises Refused for anything else."""
    try:
        marks = a2b_base64(raw["messages"], strict_mode=True)
    except (TypeError, ValueError):
        raise cursor_not_understood(stream) from None
    if len(marks) % _BYTES:
        raise cursor_not_understood(stream)
    starts = range(0, len(marks), _BYTES)
    return Seen({marks[at : at + NAME_BYTES]: marks[at + NAME_BYTES : at + _BYTES] for at in starts})
