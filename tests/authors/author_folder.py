"""The folder of a spec author that stands beside the tests, and the id of its scenario."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

DISCREET = Path(__file__).parent / "discreet"
OWN = "PR-01/no-place"
Problems = Callable[..., str]
