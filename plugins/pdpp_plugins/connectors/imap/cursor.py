"""Cursors: how far each mailbox was read, and which names are taken in it."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64

from pdpp_plugins.connectors.cursor import decode_partitions, encode_partitions
from pdpp_plugins.connectors.mail.identity import CONTENT_BYTES, ID_BYTES
from pdpp_plugins.connectors.mail.outbox import CUT, EMPTY
from pdpp_plugins.connectors.passed import Passed, copies, decode_passed, encode_passed, is_count
from pdpp_plugins.connectors.refusals import cursor_not_understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.scope import Boundary

_BYTES = ID_BYTES + CONTENT_BYTES
MOST_KNOWN = 400_000
"""So many names make a cursor of 4 MB; hosts take lines of 64 MiB."""


class Reached:
    """How far a mailbox was read: its UIDVALIDITY, the last UID, the names taken, what was passed over."""

    __slots__ = ("known", "passed", "uid", "uidvalidity")

    def __init__(
        self,
        uidvalidity: int = 0,
        uid: int = 0,
        known: dict[bytes, bytes] | None = None,
        passed: dict[str, Passed] | None = None,
    ) -> None:
        self.uidvalidity = uidvalidity
        self.uid = uid
        self.known = known or {}
        self.passed = copies(passed or {})

    @property
    def begun(self) -> bool:
        """Whether the mailbox was ever opened; no UIDVALIDITY is zero."""
        return self.uidvalidity > 0

    def encode(self) -> dict[str, Any]:
        """As STATE carries it; `passed_over` only where something was."""
        known = b"".join(ident + content for ident, content in self.known.items())
        cursor: dict[str, Any] = {
            "uidvalidity": self.uidvalidity,
            "uid": self.uid,
            "names": b2a_base64(known, newline=False).decode(),
        }
        if self.passed:
            cursor["passed_over"] = encode_passed(self.passed)
        return cursor


def decode(boundary: Boundary, raw: object) -> dict[str, Reached]:
    """The cursor that START carries for a stream; raises Refused when it is not one of ours."""
    return decode_partitions(boundary, raw, _decode_one, Reached())


def encode(partitions: dict[str, Reached]) -> dict[str, Any]:
    """As STATE carries it; mailboxes beyond the bound are forgotten, so the next run emits them again."""
    room = MOST_KNOWN
    kept: dict[str, Reached] = {}
    for name, reached in sorted(partitions.items()):
        kept[name] = reached if len(reached.known) <= room else Reached()
        room -= len(kept[name].known)
    return encode_partitions(kept)


def _decode_one(stream: str, raw: object) -> Reached:
    if not isinstance(raw, dict) or not is_count(raw.get("uidvalidity")) or not is_count(raw.get("uid")):
        raise cursor_not_understood(stream)
    try:
        names = a2b_base64(raw["names"], strict_mode=True)
    except (KeyError, TypeError, ValueError):
        raise cursor_not_understood(stream) from None
    if len(names) % _BYTES:
        raise cursor_not_understood(stream)
    starts = range(0, len(names), _BYTES)
    known = {names[at : at + ID_BYTES]: names[at + ID_BYTES : at + _BYTES] for at in starts}
    passed = decode_passed(stream, raw.get("passed_over", {}), (CUT, EMPTY))
    return Reached(raw["uidvalidity"], raw["uid"], known, passed)
