"""The state machine over one transcript: every watcher hears every line, in order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from pdpp_tck.monitor.details import Details
from pdpp_tck.monitor.heard import Breach, Heard, Limits, Noted, Watcher
from pdpp_tck.monitor.lines import NoMessage, message_of
from pdpp_tck.monitor.order import Order
from pdpp_tck.monitor.records import Records
from pdpp_tck.monitor.secrets import Secrets
from pdpp_tck.monitor.shapes import Shapes, flaw_of, is_known


class Machine:
    """Watches one run; feed it every line in order, whatever its direction."""

    def __init__(self, limits: Limits) -> None:
        self._order = Order()
        self._shapes = Shapes()
        self._content: tuple[Watcher, ...] = (self._shapes, Records(limits), Details(), Secrets(limits))

    @property
    def extensions(self) -> Counter[str]:
        """The known extension messages that were met, by type."""
        return self._shapes.extensions

    def take(self, line: Noted) -> Iterator[Breach]:
        """The breaches that this line is; of what comes after DONE only that it comes."""
        if line.direction == "exit":
            yield from self._ended(line)
            return
        over = self._order.done
        heard, unread = _heard(line)
        yield from self._order.heard(heard)
        if over and line.direction == "out":
            return
        if unread is not None and line.direction == "out":
            yield Breach("CP-02", line.n, unread)
        for watcher in self._content:
            yield from watcher.heard(heard)

    def _ended(self, line: Noted) -> Iterator[Breach]:
        status = _status(line.text)
        if status is not None:
            yield from self._order.ended(line.n, status)


def _heard(line: Noted) -> tuple[Heard, str | None]:
    """A line with its message, and why it holds none where it should."""
    if line.direction == "err":
        return Heard(line.n, line.direction, line.text), None
    try:
        if not line.utf8:
            raise NoMessage("the line is not UTF-8")
        message = message_of(line.text)
    except NoMessage as error:
        return Heard(line.n, line.direction, line.text), str(error)
    if message is None or line.direction == "in":
        return Heard(line.n, line.direction, line.text, message), None
    return Heard(line.n, line.direction, line.text, message, flaw_of(message), is_known(message)), None


def _status(text: str) -> int | None:
    """The exit status in the last line; None for a launch that failed."""
    try:
        noted: Any = json.loads(text)
    except ValueError:
        return None
    status = noted.get("status") if isinstance(noted, dict) else None
    return status if isinstance(status, int) else None


def watch(lines: Iterable[Noted], limits: Limits) -> list[Breach]:
    """Every breach in a transcript, in the order of its lines.

    A transcript without an exit line is one of a connector that the host ended: what it might have
    said later is not judged.
    """
    machine = Machine(limits)
    return [breach for line in lines for breach in machine.take(line)]
