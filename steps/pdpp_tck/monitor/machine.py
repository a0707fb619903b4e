"""The state machine over one transcript: every watcher hears every line, in order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

from pdpp_tck.monitor.details import Details
from pdpp_tck.monitor.heard import Breach, Heard, Limits, Noted, Watcher
from pdpp_tck.monitor.lines import NoMessage, message_of
from pdpp_tck.monitor.order import Order
from pdpp_tck.monitor.records import Records
from pdpp_tck.monitor.secrets import Secrets
from pdpp_tck.monitor.shapes import Shapes, flaw_of


class Machine:
    """Watches one run; feed it every line in order, whatever its direction."""

    def __init__(self, limits: Limits) -> None:
        self._shapes = Shapes()
        self._watchers: tuple[Watcher, ...] = (
            self._shapes,
            Order(),
            Records(limits),
            Details(),
            Secrets(limits),
        )

    @property
    def extensions(self) -> Counter[str]:
        """The known extension messages that were met, by type."""
        return self._shapes.extensions

    def take(self, line: Noted) -> Iterator[Breach]:
        """The breaches that this line is."""
        if line.direction == "exit":
            yield from self._ended(line)
            return
        heard = Heard(line.n, line.direction, line.text)
        if line.direction != "err":
            try:
                if not line.utf8:
                    raise NoMessage("the line is not UTF-8")
                message = message_of(line.text)
                flaw = flaw_of(message) if message is not None and line.direction == "out" else None
                heard = Heard(line.n, line.direction, line.text, message, flaw)
            except NoMessage as error:
                if line.direction == "out":
                    yield Breach("CP-02", line.n, str(error))
        for watcher in self._watchers:
            yield from watcher.heard(heard)

    def _ended(self, line: Noted) -> Iterator[Breach]:
        status = json.loads(line.text).get("status")
        if isinstance(status, int):
            for watcher in self._watchers:
                yield from watcher.ended(line.n, status)


def watch(lines: Iterable[Noted], limits: Limits) -> list[Breach]:
    """Every breach in a transcript, in the order of its lines.

    A transcript without an exit line is one of a connector that the host ended: what it might have
    said later is not judged.
    """
    machine = Machine(limits)
    return [breach for line in lines for breach in machine.take(line)]
