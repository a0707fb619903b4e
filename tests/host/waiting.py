"""Waiting for what takes a moment."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(true: Callable[[], object], told: str = "it never came true", patience_s: float = 30.0) -> None:
    """Wait until something is true; an AssertionError that says what is not where it stays false."""
    ends = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < ends, f"after {patience_s:g} s: {told}"
        time.sleep(0.01)
