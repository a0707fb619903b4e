"""What comes when: START, one INTERACTION at a time, DONE, the end (CP-01, CP-08, CP-10 to CP-12)."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_tck.monitor.heard import Breach, Heard


class Order:
    """Follows a run from START to the exit status."""

    def __init__(self) -> None:
        self._started = False
        self._early = False
        self._open: str | None = None
        self._done: Heard | None = None
        self._after = False
        self._records = 0
        self._unreadable = False

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """A line at the wrong moment."""
        if heard.direction == "in":
            self._hear_host(heard)
        elif heard.direction == "out" and heard.text.strip():
            yield from self._hear_connector(heard)

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """An end without DONE, or one that DONE contradicts."""
        if self._done is None:
            if not self._unreadable:
                yield Breach("CP-10", n, f"the connector ended with exit status {status} and never said DONE")
            return
        said = (self._done.message or {}).get("status")
        if self._done.flaw is None and (said == "succeeded") != (status == 0):
            yield Breach("CP-12", n, f"DONE said {said}, the exit status is {status}")

    def _hear_host(self, heard: Heard) -> None:
        # A host that sends something else first, or a broken START, is to blame for that itself.
        self._started = True
        if heard.type == "INTERACTION_RESPONSE" and (heard.message or {}).get("request_id") == self._open:
            self._open = None

    def _hear_connector(self, heard: Heard) -> Iterator[Breach]:
        if not self._started and not self._early:
            self._early = True
            yield Breach("CP-01", heard.n, "said before START came")
        if self._done is not None and not self._after:
            self._after = True
            yield Breach("CP-10", heard.n, f"said after DONE, which was line {self._done.n}")
        if self._done is not None:
            return
        if heard.message is None:
            self._unreadable = True
        elif heard.type == "RECORD":
            self._records += 1
        elif heard.type == "INTERACTION":
            yield from self._question(heard)
        elif heard.type == "DONE":
            self._done = heard
            yield from self._count(heard)

    def _question(self, heard: Heard) -> Iterator[Breach]:
        asked = (heard.message or {}).get("request_id")
        if self._open is not None:
            yield Breach("CP-08", heard.n, f"INTERACTION {asked!r} while {self._open!r} is not answered")
        self._open = asked if isinstance(asked, str) else None

    def _count(self, heard: Heard) -> Iterator[Breach]:
        """DONE's count; where a line could not be read nobody knows what it was, and no count is wrong."""
        counted = (heard.message or {}).get("records_emitted")
        if heard.flaw is None and not self._unreadable and counted != self._records:
            what = f"DONE counts {counted} records, {self._records} RECORD lines were said"
            yield Breach("CP-11", heard.n, what)
