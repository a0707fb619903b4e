"""mbox files: where one message ends and the next begins, and which of them are new.

A message begins at a line `From ` that follows an empty line, or begins the file, and looks like a
postmark; where the very first one does not look like one, the writer is no friend of postmarks and none
is asked for. One `>` is taken off lines of `>`s before `From `, as mboxrd wants it. Content-Length is not
believed.
"""

from __future__ import annotations

import os
import re

from pdpp_plugins.connectors.high_water import HighWater, Reached
from pdpp_plugins.connectors.mail.identity import mark_of_content, mark_of_id
from pdpp_plugins.connectors.mail.lines import pieces
from pdpp_plugins.connectors.mail.message import Message
from pdpp_plugins.connectors.mail.outbox import EMPTY, Outbox
from pdpp_plugins.connectors.prefix import Prefix, resumed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from pdpp_plugins.connectors.collecting import Stream
    from pdpp_plugins.connectors.mail.lines import Piece

MARKS = (b"From ", b"\xef\xbb\xbfFrom ")
"""How a line begins that may begin a message; the second form may begin a file."""

_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_POSTMARK = re.compile(
    rb"(?:\xef\xbb\xbf)?From (?:.{0,2000}?[ \t])??(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+"
    rb"(?:" + _MONTH + rb"[ \t]+\d{1,2}|\d{1,2}[ \t]+" + _MONTH + rb")[ \t].{0,60}?\d{1,2}:\d{2}"
)
_EMPTY_LINES = (b"\n", b"\r\n")
_QUOTED = re.compile(rb">+From ")


class Grown(Exception):
    """A message that an earlier run took for whole has become longer since."""


class Mbox:
    """Reads one mbox file."""

    def __init__(self, mailbox: str, stream: Stream, high: HighWater) -> None:
        self._mailbox = mailbox
        self._stream = stream
        self._high = high

    def read(self, file: BinaryIO) -> HighWater:
        """Emit what is new in the file; returns how far it is read then."""
        size = os.fstat(file.fileno()).st_size
        prefix = resumed(file, size, self._high)
        reading = Reading(self._mailbox, self._stream, self._high if prefix else HighWater())
        if prefix is not None and prefix.offset == size:
            return reading.told(self._high)
        try:
            high = reading.read(file, size)
        except Grown:
            prefix = None
            reading = Reading(self._mailbox, self._stream, HighWater())
            high = reading.read(file, size)
        if prefix is None:
            self._stream.reread += 1
        return reading.told(high)


class Reading:
    """One pass over an mbox file: what the high-water covers is told apart, what follows is emitted."""

    def __init__(self, mailbox: str, stream: Stream, high: HighWater) -> None:
        self._mailbox = mailbox
        self._stream = stream
        self._known = high.offset
        self._outbox = Outbox(mailbox, stream)
        self._reached = Reached()
        self._reached.carry_on(high)
        self._message: Message | None = None
        self._end = 0
        self._held = b""
        self._after_empty = True
        self._strict: bool | None = None
        self._strayed = False

    def told(self, high: HighWater) -> HighWater:
        """The same high-water, once what it passed over is noted."""
        for reason, passed in high.passed.items():
            self._stream.notices.lines(reason, self._mailbox, passed)
        return high

    def read(self, file: BinaryIO, size: int) -> HighWater:
        """Emit what follows the known part; raises Grown, before anything is emitted."""
        file.seek(0)
        prefix = Prefix()
        for piece in pieces(file, size, prefix):
            if not (piece.fresh and piece.raw.startswith(MARKS) and self._begins(piece)):
                self._take(piece)
            self._after_empty = piece.fresh and piece.raw in _EMPTY_LINES
        self._finish()
        return self._reached.high_water(prefix)

    def _begins(self, piece: Piece) -> bool:
        """Whether a message begins at this line; if so, the one before it is over."""
        postmark = self._after_empty and _POSTMARK.match(piece.raw)
        if not self._after_empty or (self._strict and not postmark):
            return False
        if self._strict is None:
            self._strict = bool(postmark)
        self._finish()
        self._message = Message(piece.number, whole=piece.offset >= self._known)
        self._end = piece.offset + len(piece.raw.rstrip(b"\r\n"))
        self._stream.wire.check()
        return True

    def _take(self, piece: Piece) -> None:
        raw, message = piece.raw, self._message
        if message is None:
            self._stray(piece)
            return
        if self._held:  # an empty line belongs to the message once more of it comes
            message.feed(self._held, fresh=True)
            self._held = b""
        if piece.fresh and raw in _EMPTY_LINES:
            self._held = raw
            return
        self._end = piece.offset + len(raw.rstrip(b"\r\n"))
        if piece.fresh and raw.startswith(b">") and _QUOTED.match(raw):
            raw = raw[1:]
        message.feed(raw, fresh=piece.fresh)

    def _stray(self, piece: Piece) -> None:
        if piece.raw.strip() and not self._strayed:
            self._strayed = True
            if piece.offset >= self._known:
                self._reached.pass_over(EMPTY, piece.number)

    def _finish(self) -> None:
        message, self._message, self._held = self._message, None, b""
        if message is None:
            return
        message.finish()
        if message.whole:
            date, reason = self._outbox.emit(message)
            if date:
                self._reached.see(date)
            if reason:
                self._reached.pass_over(reason, message.line)
        elif self._end > self._known:
            raise Grown
        elif not message.empty:
            self._outbox.names.know(mark_of_id(message.message_id), mark_of_content(message.digest))
