"""Times compare as instants, whatever their offset and however fine their fraction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdpp_host.domain.instants import instant, moment

OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59)
DIGITS = st.text("0123456789", max_size=12)


def written(at: datetime, minutes: int, digits: str) -> str:
    sign = "-" if minutes < 0 else "+"
    local = at + timedelta(minutes=minutes)
    fraction = f".{digits}" if digits else ""
    return f"{local:%Y-%m-%dT%H:%M:%S}{fraction}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def exactly(at: datetime, digits: str) -> Fraction:
    return Fraction(int((at - datetime(2000, 1, 1)).total_seconds())) + Fraction(
        int(digits or 0)
    ) / 10 ** len(digits)


MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(9999, 1, 1)).map(lambda at: at.replace(microsecond=0))


@given(MOMENTS, MOMENTS, OFFSETS, OFFSETS, DIGITS, DIGITS)
def test_order(one: datetime, two: datetime, east: int, other: int, first: str, second: str) -> None:
    """Texts compare as the instants they name do, to the last digit of a fraction of any length."""
    a, b = instant(written(one, east, first)), instant(written(two, other, second))
    assert a is not None
    assert b is not None
    x, y = exactly(one, first), exactly(two, second)
    assert (a < b, a == b) == (x < y, x == y)


@given(MOMENTS, OFFSETS, OFFSETS, DIGITS)
def test_one_instant_in_two_offsets(at: datetime, east: int, other: int, digits: str) -> None:
    """An instant is the same whatever offset it is written with, trailing zeros or not."""
    assert instant(written(at, east, digits)) == instant(written(at, other, digits and digits + "00"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01t00:00:00z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T01:00:00+01:00",
        "2025-12-31T23:59:60Z",
        "2026-01-01T00:00:00.000000000Z",
        "2025-12-31T16:00:00-08:00",
    ],
)
def test_spellings_of_one_instant(text: str) -> None:
    """RFC 3339 lets letters be small and a space stand for T; a leap second is the second after it."""
    assert instant(text) == instant("2026-01-01T00:00:00-00:00")


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        True,
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00Z",
        "20260101T000000Z",
        "2026-W01-1T00:00:00Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00.Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+00:60",
        "2026-01-01T00:00:00+0000",
        "0000-01-01T00:00:00Z",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        "\u0662026-01-01T00:00:00Z",
    ],
)
def test_what_names_no_instant(value: object) -> None:
    """Anything but an RFC 3339 time with an offset is unreadable, and never an error."""
    assert instant(value) is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.9-23:59"])
def test_the_edges_of_the_calendar(text: str) -> None:
    """An instant that no datetime holds still compares, and has no datetime."""
    assert instant(text) is not None
    assert moment(text) is None


def test_a_datetime_of_an_instant() -> None:
    """A time becomes a datetime in UTC, cut to microseconds."""
    east = datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    assert moment("2026-01-01T00:00:00.1234567+01:00") == east.astimezone(UTC)
    assert moment("2026-01-01T00:00:00") is None
