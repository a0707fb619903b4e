"""Whether content of records shows where it does not belong: cursors, diagnostics, stderr (CP-13)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pdpp_tck.monitor.heard import Breach, Heard, Limits


class Secrets:
    """Looks for the marks that the kit hid in the bodies of records."""

    def __init__(self, limits: Limits) -> None:
        marks = sorted(limits.secrets)
        self._marks = re.compile("|".join(map(re.escape, marks))) if marks else None

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """A mark on stderr, in a message however it is escaped, or in a RECORD beside its data."""
        if self._marks is None or heard.direction not in ("out", "err"):
            return
        if heard.direction == "err":
            said, where = heard.text, "stderr"
        elif heard.message is None or not heard.known:
            # A line that holds no known message may be a broken RECORD: it is told as that.
            return
        elif "\\u" not in heard.text and not self._marks.search(heard.text):
            return
        else:
            beside = {name: part for name, part in heard.message.items() if name != "data"}
            message = beside if heard.type == "RECORD" else heard.message
            said, where = json.dumps(message, ensure_ascii=False), heard.type
        if self._marks.search(said):
            yield Breach("CP-13", heard.n, f"{where} repeats the content of a record")

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """Nothing: an exit status holds no content."""
        return iter(())
