"""What the host says to a connector, and whether the connector has read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pdpp_host.domain.entities import Violation
from pdpp_host.domain.messages import (
    FromConnector,
    Interaction,
    InteractionResponse,
    Record,
    State,
    encode_line,
    key_text,
)
from pdpp_host.runtime.conversation import ProtocolViolation
from pdpp_host.runtime.launch import Child
from pdpp_host.runtime.words import short


class Replies:
    """START and the answers to one child's questions."""

    def __init__(self, child: Child, note: Callable[[str, dict[str, Any]], None]) -> None:
        self._child = child
        self._note = note
        self._start = self._answer = 0
        self._start_read = False

    def start(self, line: bytes) -> None:
        """Send START."""
        self._start = self._child.send(line)

    def start_read(self) -> bool:
        """Whether the child has read its START; False only where it surely has not."""
        self._start_read = self._start_read or self._child.has_read(self._start)
        return self._start_read

    def check(self, number: int, message: FromConnector) -> None:
        """Raises ProtocolViolation for a record or a cursor of a child that has not read START."""
        if self._start_read or not isinstance(message, Record | State) or self.start_read():
            return
        key = key_text(message.key) if isinstance(message, Record) else None
        told = "a record or a cursor came before START was read"
        raise ProtocolViolation(Violation("message_before_start", number, message.stream, key, told))

    def answer(self, number: int, question: Interaction) -> None:
        """Answer `timeout` at once, for nobody is there to ask.

        Raises ProtocolViolation for a question that comes before the answer to the last one was read.
        """
        if not self._child.has_read(self._answer):
            told = "an INTERACTION came before the answer to the last one was read"
            raise ProtocolViolation(Violation("interaction_already_open", number, message=told))
        about = {"request_id": short(question.request_id), "kind": question.kind}
        self._note("interaction_required", about)
        response = InteractionResponse(question.request_id, "timeout")
        self._answer = self._child.send(encode_line(response))
        self._note("interaction_completed", about | {"status": response.status})
