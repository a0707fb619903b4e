"""Instants: the one way in which the host reads and compares times."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

# Whole seconds, and the digits of the fraction without trailing zeros: RFC 3339 allows any number of
# them, a datetime holds six. As a tuple of number and text these order as the instants do.
Instant = tuple[int, str]

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)


def instant(value: Any) -> Instant | None:
    """The instant that `value` names; None for anything but an RFC 3339 time with an offset.

    A time without an offset names no instant, so a record that carries one is outside every window.
    A leap second is the same instant as the second after it.
    """
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day, fraction, sign = match.group(1), match.group(5), match.group(6)
    hour, minute, second = map(int, match.group(2, 3, 4))
    if hour > 23 or minute > 59 or second > 60:
        return None
    try:
        days = date.fromisoformat(day).toordinal()
    except ValueError:
        return None
    east = _east(sign, *match.group(7, 8))
    if east is None:
        return None
    return ((days * 24 + hour) * 60 + minute) * 60 + second - east, (fraction or "").rstrip("0")


def moment(value: str) -> datetime | None:
    """The UTC datetime of an RFC 3339 time, cut to microseconds; None where there is no such datetime."""
    at = instant(value)
    if at is None:
        return None
    seconds, fraction = at
    days, rest = divmod(seconds, 86400)
    try:
        start = datetime.fromordinal(days).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    hour, rest = divmod(rest, 3600)
    return start.replace(hour=hour, minute=rest // 60, second=rest % 60, microsecond=int(f"{fraction:0<6.6}"))


def _east(sign: str | None, hours: str | None, minutes: str | None) -> int | None:
    """Seconds east of UTC, None for an offset that no clock shows."""
    if sign is None or hours is None or minutes is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        return None
    return (1 if sign == "+" else -1) * (int(hours) * 60 + int(minutes)) * 60
