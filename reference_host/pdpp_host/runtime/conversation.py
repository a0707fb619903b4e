"""The protocol state machine: which line may come when (design: the wire)."""

from __future__ import annotations

from pdpp_host.domain.entities import Violation
from pdpp_host.domain.messages import Done, FromConnector
from pdpp_host.runtime.decoding import Undecodable, decode


class ProtocolViolation(Exception):
    """A connector broke the protocol; `violation` says how and where."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(violation.message)
        self.violation = violation


class Conversation:
    """One child's lines, decoded and in order."""

    def __init__(self) -> None:
        self.done: Done | None = None
        self.done_line = 0
        self.replaced = 0

    def hear(self, number: int, line: bytes) -> FromConnector:
        """The message in a line; raises ProtocolViolation for one that is malformed or out of order."""
        if self.done is not None:
            message = f"a line of {len(line)} bytes came after DONE, which is the last"
            raise ProtocolViolation(Violation("line_after_done", number, message=message))
        try:
            heard, replaced = decode(line)
        except Undecodable as error:
            raise ProtocolViolation(
                Violation(error.rule, number, error.stream, message=error.message)
            ) from None
        self.replaced += replaced
        if isinstance(heard, Done):
            self.done, self.done_line = heard, number
        return heard
