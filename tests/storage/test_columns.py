from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from pdpp_plugins.storage.columns import instant_text


def test_an_instant_is_kept_in_utc_with_microseconds() -> None:
    """Whatever its offset, a time is stored as text in UTC with six digits."""
    at = datetime(2026, 5, 1, 10, tzinfo=timezone(timedelta(hours=2)))
    assert instant_text(at) == "2026-05-01T08:00:00.000000+00:00"


def test_text_order_is_time_order() -> None:
    """Stored times sort as text as they do as times."""
    early, late = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert instant_text(early) < instant_text(late)


def test_a_naive_time_is_refused() -> None:
    """A time without an offset is a mistake, and the message names it."""
    naive = datetime(2026, 5, 1)
    with pytest.raises(ValueError, match=r"datetime\.datetime\(2026, 5, 1, 0, 0\) has no offset"):
        instant_text(naive)
