"""Fetching: the messages of an open mailbox, one by one, in pieces that bound what is held."""

from __future__ import annotations

import errno
import sys
from io import BytesIO

from pdpp_plugins.connectors.mail.header import Header
from pdpp_plugins.connectors.mail.people import date
from pdpp_plugins.connectors.mail.reading import message_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from pdpp_plugins.connectors.imap.server import Server
    from pdpp_plugins.connectors.mail.message import Message
    from pdpp_plugins.connectors.scope import Boundary

_SPAN = 50_000
"""UIDs a search asks about; what it answers has to fit one line."""
_AT_A_TIME = 500
"""Messages whose sizes are asked for at once."""
_BYTES = 1024 * 1024
"""Bytes that are asked for at once: many messages, or a part of one."""


class _Vanished(Exception):
    """A message was expunged while it was read."""


class Fetching:
    """The messages of the mailbox that is open."""

    def __init__(self, server: Server, boundary: Boundary) -> None:
        self._server = server
        self._boundary = boundary

    def messages(self, first: int, last: int) -> Iterator[Message]:
        """Those from one UID to another that may lie in the run's window; raises OSError.

        What is expunged meanwhile is left out.
        """
        for low in range(first, last + 1, _SPAN):
            uids = self._server.uids(low, min(low + _SPAN - 1, last))
            for at in range(0, len(uids), _AT_A_TIME):
                sizes = self._sizes(uids[at : at + _AT_A_TIME])
                for batch in _batches(sizes):
                    yield from self._whole(batch) if sizes[batch[0]] <= _BYTES else self._large(batch[0])

    def _sizes(self, uids: list[int]) -> dict[int, int]:
        items = ["RFC822.SIZE"]
        if self._boundary.window:
            items.append("BODY.PEEK[HEADER.FIELDS (DATE)]")
        fetched = self._server.fetch(uids, *items)
        return {
            uid: fetched[uid][b"RFC822.SIZE"]
            for uid in uids
            if uid in fetched and self._may_lie_inside(fetched[uid])
        }

    def _may_lie_inside(self, told: dict[bytes, Any]) -> bool:
        """Judged here and not by a search: servers read dates otherwise, and forgive less."""
        if not self._boundary.window:
            return True
        header = Header()
        for line in BytesIO(_body(told) or b""):
            header.feed(line, fresh=True)
        return self._boundary.in_window(date(header.text(b"date")))

    def _whole(self, uids: list[int]) -> Iterator[Message]:
        bodies = self._bodies(uids)
        for uid in uids:
            raw = bodies.pop(uid, None)
            if raw is not None:
                yield message_in(BytesIO(raw), len(raw))

    def _bodies(self, uids: list[int]) -> dict[int, bytes | None]:
        try:
            bodies = self._asked(uids)
            if None not in bodies.values():
                return bodies
        except OSError:
            bodies = {}
        left = self._present(uids)
        if left == uids:  # none of them was expunged, so something is wrong with one that is there
            raise OSError(errno.EIO, "a message cannot be fetched")
        bodies = self._asked(left)
        if None in bodies.values() and self._present(left) == left:
            raise OSError(errno.EIO, "a message cannot be fetched")
        return bodies

    def _asked(self, uids: list[int]) -> dict[int, bytes | None]:
        if not uids:
            return {}
        return {uid: _body(told) for uid, told in self._server.fetch(uids, "BODY.PEEK[]").items()}

    def _present(self, uids: list[int]) -> list[int]:
        there = set(self._server.uids(uids[0], uids[-1])) if uids else set()
        return [uid for uid in uids if uid in there]

    def _large(self, uid: int) -> Iterator[Message]:
        try:
            # What a server says of a size is not always so: its end is where nothing comes any more.
            yield message_in(_Part(self._server, uid), sys.maxsize)
        except _Vanished:
            if self._present([uid]):
                raise OSError(errno.EIO, "a message cannot be fetched") from None


class _Part:
    """A message that is read like a file, a piece at a time."""

    def __init__(self, server: Server, uid: int) -> None:
        self._server = server
        self._uid = uid
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end. Raises _Vanished."""
        fetched = self._server.fetch([self._uid], f"BODY.PEEK[]<{self._at}.{size}>")
        raw = _body(fetched.get(self._uid, {}))
        if raw is None:
            raise _Vanished
        self._at += len(raw)
        return raw


def _body(told: dict[bytes, Any]) -> bytes | None:
    """The value of the one BODY item, whichever way the server spells what was asked for."""
    return next((value for item, value in told.items() if item.startswith(b"BODY[")), None)


def _batches(sizes: dict[int, int]) -> Iterator[list[int]]:
    """UIDs in order, as many as fit; a larger message is alone."""
    batch: list[int] = []
    room = _BYTES
    for uid, size in sizes.items():
        if batch and size > room:
            yield batch
            batch, room = [], _BYTES
        batch.append(uid)
        room -= size
    if batch:
        yield batch
