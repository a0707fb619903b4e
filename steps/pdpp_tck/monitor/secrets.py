"""Whether content of records shows where it does not belong: cursors, diagnostics, stderr (CP-13)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pdpp_tck.monitor.heard import Breach, Heard, Limits


class Secrets:
    """Looks for the marks that the kit hid in the bodies of records."""

    def __init__(self, limits: Limits) -> None:
        marks = sorted(limits.secrets)
        self._marks = re.compile("|".join(map(re.escape, marks))) if marks else None

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """A mark anywhere but in a RECORD."""
        if self._marks is None or heard.direction not in ("out", "err") or heard.type == "RECORD":
            return
        # A line that holds no message may be a broken RECORD: it is CP-02's.
        if heard.direction == "out" and heard.message is None:
            return
        if self._marks.search(heard.text):
            where = "stderr" if heard.direction == "err" else heard.type or "a message"
            yield Breach("CP-13", heard.n, f"{where} repeats the content of a record")

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """Nothing: an exit status holds no content."""
        return iter(())
