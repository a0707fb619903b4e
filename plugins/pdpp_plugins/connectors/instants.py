"""Instants: RFC 3339 times that compare whatever their offset and however fine their fraction."""

from __future__ import annotations

import re
import time

Instant = tuple[int, str]

_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def instant(text: str) -> Instant | None:
    """(whole seconds, decimals of the fraction) of a time with an offset, or None when it is not one."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
    fraction, sign, east_hours, east_minutes = match.group(7, 8, 9, 10)
    if not 1 <= month <= 12 or not 1 <= day <= _days(year, month):
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    seconds = ((_day_number(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    if sign:
        if int(east_hours) > 23 or int(east_minutes) > 59:
            return None
        east = (int(east_hours) * 60 + int(east_minutes)) * 60
        seconds += -east if sign == "+" else east
    return seconds, (fraction or "").rstrip("0")


def now() -> str:
    """The time in UTC, to the millisecond."""
    at = time.time()
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(at))}.{int(at * 1000) % 1000:03d}Z"


def _days(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _DAYS[month - 1]


def _day_number(year: int, month: int, day: int) -> int:
    # Years that begin in March put the leap day last, so months need no table.
    year, month = (year - 1, month + 9) if month < 3 else (year, month - 3)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day
