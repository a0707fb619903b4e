"""The protocol state machine: which line may come when (design: the wire)."""

from __future__ import annotations

from typing import Any

import msgspec

from pdpp_host.domain.entities import Violation
from pdpp_host.domain.messages import Done, FromConnector, decode_message

_EXCERPT = 120


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

    def hear(self, number: int, line: bytes) -> FromConnector:
        """The message in a line; raises ProtocolViolation for one that is malformed or out of order."""
        if self.done is not None:
            raise ProtocolViolation(
                Violation("line_after_done", number, message=f"after DONE: {_excerpt(line)}")
            )
        message = _decoded(number, line)
        if isinstance(message, Done):
            self.done, self.done_line = message, number
        return message


def _decoded(number: int, line: bytes) -> FromConnector:
    try:
        message: FromConnector = decode_message(line)
        return message
    except msgspec.ValidationError as error:
        raw: Any = msgspec.json.decode(line)
        rule = "unknown_message_type" if "`$.type`" in str(error) else "invalid_message"
        stream = raw.get("stream") if isinstance(raw, dict) else None
        violation = Violation(
            rule, number, stream if isinstance(stream, str) else None, message=f"{error}: {_excerpt(line)}"
        )
        raise ProtocolViolation(violation) from None
    except UnicodeDecodeError:
        raise ProtocolViolation(Violation("invalid_utf8", number, message=_excerpt(line))) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProtocolViolation(
            Violation("invalid_json", number, message=f"{error}: {_excerpt(line)}")
        ) from None


def _excerpt(line: bytes) -> str:
    text = line[:_EXCERPT].decode("utf-8", "replace")
    return text + "…" if len(line) > _EXCERPT else text
