"""Refusals: why a run ends before its work is done, in words that quote no record."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Refused(Exception):
    """The run cannot be done; it ends DONE failed with this error."""

    def __init__(self, message: str, code: str, *, recovery_hint: str, retryable: bool = False) -> None:
        super().__init__(message)
        self.error: dict[str, Any] = {
            "message": message,
            "retryable": retryable,
            "code": code,
            "recovery_hint": recovery_hint,
        }


class Cancelled(Exception):
    """Somebody asked the run to stop."""


class OutputClosed(Exception):
    """Nobody takes what the run says."""


def misunderstood(message: str) -> Refused:
    """START is not what the protocol promises."""
    return Refused(f"START cannot be used: {message}", "start_not_understood", recovery_hint="unknown")


def cursor_not_understood(stream: str) -> Refused:
    """A stream's cursor is not one of ours."""
    return Refused(
        f"the cursor of stream {stream!r} was not written by this connector",
        "cursor_not_understood",
        recovery_hint="retry_on_connector_upgrade",
    )


def broken(fault: Exception) -> Refused:
    """The connector itself is at fault; an exception's own text may quote a record, so it is not told."""
    frame = fault.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f"{os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}" if frame else "?"
    message = f"the connector broke with {type(fault).__name__} at {place}"
    return Refused(message, "connector_fault", recovery_hint="retry_on_connector_upgrade")
