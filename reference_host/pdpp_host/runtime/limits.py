"""How long a run may last, and how long its connector may say nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator


class Limits:
    """One run's time limits, in seconds; only the time spent listening counts as silence."""

    def __init__(self, silence_s: float, run_s: float) -> None:
        self._silence_s = silence_s
        self._begun = self._heard = time.monotonic()
        self._end = self._begun + run_s

    def heard(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks; silence begins anew whenever the next one is asked for."""
        self._heard = time.monotonic()
        for chunk in chunks:
            yield chunk
            self._heard = time.monotonic()

    def over(self) -> bool:
        """Whether one of the limits has passed."""
        return self.silent_for(self._silence_s) or time.monotonic() > self._end

    def silent_for(self, seconds: float) -> bool:
        """Whether the connector has said nothing for so long."""
        return time.monotonic() - self._heard > seconds
