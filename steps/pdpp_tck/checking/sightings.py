"""One run out of a stream of lines: its breaches, and which rules it showed anything of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pdpp_tck.checking.reading import Told
from pdpp_tck.monitor import Breach, Limits, Machine
from pdpp_tck.monitor.heard import BLANK, LINE_LIMIT
from pdpp_tck.monitor.records import scopes_of

_NARROWED = {"resources": "CP-05", "fields": "CP-14", "time_range": "CP-15"}
KEPT = 1000
"""So many breaches of a rule are told with their lines; of the others there is only a number."""

_NEED_MANIFEST = frozenset({"CP-05", "CP-14", "CP-15"})


class Run:
    """Watches one run; `seen` are the rules of which something showed."""

    def __init__(self, limits: Limits, recorded: bool, seen: set[str]) -> None:
        self._limits, self._recorded = limits, recorded
        self._machine = Machine(limits)
        self._seen = seen
        self._scopes: dict[str, dict[str, Any]] = {}
        self._held: list[Breach] = []
        self._answered = recorded
        self._last = 0
        self._said = self._asked = self._done = self._ended = self._cut = False
        self.started = False

    def begins_another(self, told: Told) -> bool:
        """Whether a line is the beginning of the next run."""
        if self._recorded:
            return self._ended
        return told.direction == "in" and '"START"' in told.text and (self.started or self._done)

    def take(self, told: Told) -> Iterator[Breach]:
        """The breaches that a line is, where they are sure without what was not given."""
        self._last, self._cut = told.n, told.cut
        if told.oversize:
            self._seen.add("CP-02")
            yield Breach("CP-02", told.n, f"the line is longer than {LINE_LIMIT} bytes")
            return
        if told.cut and _unfinished(told.text):
            return
        message = _message(told)
        self._look(told, message)
        for breach in self._machine.take(told):
            if not self._recorded and breach.rule in ("CP-01", "CP-08"):
                # A capture need not hold the host's lines; where they come later, they count.
                self._held.append(breach)
            elif self._sure(breach, message):
                yield breach
        yield from self._now_sure()

    def end(self) -> Iterator[Breach]:
        """The breach of a capture that ends without DONE, where it was not cut within a line."""
        if self._recorded or self._done or self._cut or not self._said:
            return
        self._seen.add("CP-10")
        yield Breach("CP-10", self._last, "what was captured ends here, and DONE was never said")

    def _now_sure(self) -> list[Breach]:
        """What was held back, as far as the host's own lines have come since."""
        shown = {"CP-01": self.started, "CP-08": self._answered}
        sure = [breach for breach in self._held if shown[breach.rule]]
        self._held = [breach for breach in self._held if not shown[breach.rule]][:KEPT]
        return sure

    def _look(self, told: Told, message: dict[str, Any]) -> None:
        type_ = message.get("type")
        if told.direction == "in":
            if type_ == "START" and not self.started:
                self.started, self._scopes = True, scopes_of(message) or {}
            elif type_ == "INTERACTION_RESPONSE":
                self._answered = True
                self._seen.update({"CP-08"} if self._asked else ())
        elif told.direction == "exit":
            self._ended = True
            self._seen.update({"CP-10", "CP-12"} if self._done else {"CP-10"})
        elif told.direction == "out" and told.text.strip(BLANK):
            self._said = True
            self._seen.update({"CP-02", "CP-03"})
            self._of_type(str(type_), message)

    def _of_type(self, type_: str, message: dict[str, Any]) -> None:
        stream = message.get("stream")
        declared = self._limits.streams.get(stream) if isinstance(stream, str) else None
        if type_ in ("RECORD", "STATE") and (self.started or self._limits.streams):
            self._seen.add("CP-04")
        if type_ == "RECORD" and declared is not None:
            self._seen.add("CP-06")
            if declared.get("semantics") == "append_only":
                self._seen.add("CP-07")
            scope = self._scopes.get(str(stream), {})
            self._seen.update(rule for part, rule in _NARROWED.items() if scope.get(part) is not None)
        elif type_ == "INTERACTION":
            self._asked = True
            self._seen.update({"CP-08"} if self._answered else ())
        elif type_ == "DETAIL_COVERAGE":
            self._seen.add("CP-09")
        elif type_ == "DONE":
            self._done = True
            self._seen.update({"CP-10", "CP-11"})

    def _sure(self, breach: Breach, message: dict[str, Any]) -> bool:
        """Whether a breach is one whatever the manifest says that was not given."""
        if self._limits.streams:
            return True
        return breach.rule not in _NEED_MANIFEST and not (
            breach.rule == "CP-04" and message.get("type") == "STATE"
        )


def _message(told: Told) -> dict[str, Any]:
    if told.direction not in ("in", "out"):
        return {}
    try:
        value = json.loads(told.text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _unfinished(text: str) -> bool:
    """Whether a last line without its LF is only the beginning of a message."""
    try:
        json.loads(text)
    except ValueError:
        return True
    except RecursionError:
        return False
    return False
