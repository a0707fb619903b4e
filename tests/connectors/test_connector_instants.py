"""Instants compare as moments, not as texts."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdpp_plugins.connectors.instants import instant, now


@given(
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_agrees_with_datetime(local: datetime, minutes: int) -> None:
    """Any time with an offset is the instant that `datetime` says it is."""
    at = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    found = instant(at.isoformat())
    assert found is not None
    epoch = instant("1970-01-01T00:00:00Z")
    assert epoch is not None
    whole = at.replace(microsecond=0) - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    assert found[0] - epoch[0] == whole.days * 86400 + whole.seconds
    assert float(f"0.{found[1] or 0}") == pytest.approx(at.microsecond / 1e6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-1-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00Z\n",
        "２026-01-01T00:00:00Z",
    ],
)
def test_what_is_no_instant(text: str) -> None:
    """A time without an offset, or that no calendar has, is none."""
    assert instant(text) is None


def test_equal_and_ordered() -> None:
    """Trailing zeros do not count, the finest fraction does, and leap days and seconds exist."""
    assert instant("2000-02-29T23:59:60Z") == instant("2000-03-01t01:00:00.000+01:00")
    assert instant("2026-01-01 00:00:00.10Z") == instant("2026-01-01T00:00:00.1z")
    times = ["00.0999999999999", "00.1", "00.1000000000001", "00.45", "00.5"]
    instants = [instant(f"2026-01-01T00:00:{time}Z") for time in times]
    assert None not in instants
    assert instants == sorted(instants, key=str) == sorted(instants, key=lambda at: at or (0, ""))


def test_now_is_an_instant() -> None:
    """The present is told as an instant in UTC."""
    assert now().endswith("Z")
    assert instant(now()) is not None
