"""Instants: the one way in which the host reads a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def instant(value: Any) -> datetime | None:
    """The instant that `value` names, in UTC; None for anything but an RFC 3339 time with an offset.

    A time without an offset names no instant, so a record that carries one is outside every window.
    """
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo is not None else None


def rfc3339(moment: datetime) -> str:
    """A UTC moment as the wire and the web write it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
