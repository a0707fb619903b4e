"""What one start of a connector shows: whether its adapter is alive, what is wrong with it beside that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pdpp_tck.evidence.transcripts import Line, Transcript
from pdpp_tck.evidence.watching import Watched

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One start of a connector; `refused` is the host's answer where it took no such connector.

    `transcript` is None where nothing was started; `outcome` is the run as the host shows it, `active` when
    it had not ended after `patience_s` seconds; `items` are those that a source driver put into its source.
    """

    connector: str
    refused: str | None
    transcript: Transcript | None
    outcome: dict[str, Any]
    watched: Watched
    patience_s: float
    items: int = 0

    @property
    def sound(self) -> bool:
        """Whether it speaks, and nothing else was found."""
        return self.refused is None and self.broken is None and not list(self._findings())

    @property
    def broken(self) -> str | None:
        """Why the adapter is broken; None for one that is alive."""
        if self.transcript is None:
            return f"it was never started: {self.outcome.get('terminal_reason') or self.outcome}"
        failed = _launch_failed(self.transcript)
        if failed is not None:
            return failed
        said = _said(self.transcript)
        if not said:
            return f"it said nothing on stdout and {self._ended()}"
        if all(line.type is None for line in said):
            return f"nothing on its stdout is a message; line {said[0].n}: {said[0].text[:_SHOWN]}"
        if not self.transcript.said("DONE"):
            return f"it never said DONE and {self._ended()}"
        return None

    def told(self) -> Iterator[str]:
        """The diagnosis, then what else is wrong."""
        if self.refused:
            yield f"not started: {self.connector}: {self.refused}"
        elif self.broken:
            yield f"adapter broken: {self.connector}: {self.broken}"
        else:
            yield f"adapter alive: {self.connector}: {self._course()}"
        yield from (f"not conformant: {finding}" for finding in self._findings())

    def _findings(self) -> Iterator[str]:
        for found in self.watched.found:
            yield f"{found.breach.rule}, line {found.breach.n}: {found.breach.what}"
        if self.items and self.broken is None and self.transcript and not self.transcript.said("RECORD"):
            yield f"it emitted none of the {self.items} items that were put into its source; see [source]"
        if self.transcript and self.transcript.said("DONE") and self.transcript.exit_status is None:
            left = "or left a process behind that holds its pipes"
            yield f"it said DONE and did not exit, {left}; its host had to end it"

    def _ended(self) -> str:
        """How it ended, by its own exit, by its host's hand, or not at all, with its last words."""
        assert self.transcript is not None
        status = self.transcript.exit_status
        if status is not None:
            how = f"ended with exit status {status}"
        elif self.outcome.get("status") == "active":
            waits = "its stdin stays open, so it must not wait for the end of it"
            how = f"was still running after {self.patience_s:g} s; {waits}"
        else:
            how = f"was ended by its host: {_reason(self.outcome)}"
        return f"{how} {self.transcript.last_words()}".strip()

    def _course(self) -> str:
        assert self.transcript is not None
        said = [line for line in _said(self.transcript) if line.type]
        done = self.transcript.said("DONE")[-1]
        start = next((line for line in self.transcript.lines if line.direction == "in"), said[0])
        records = len(self.transcript.said("RECORD"))
        status = (done.message or {}).get("status")
        first, last = _ms(start, said[0]), _ms(start, done)
        return f"first message {first} ms after START, {records} records, DONE {status} after {last} ms"


def _said(transcript: Transcript) -> list[Line]:
    return [line for line in transcript.lines if line.direction == "out" and line.text.strip()]


def _launch_failed(transcript: Transcript) -> str | None:
    """Why the command could not even be started, as the recorder noted it."""
    ends = [line.message or {} for line in transcript.lines if line.direction == "exit"]
    return next((str(end["launch_failed"]) for end in ends if "launch_failed" in end), None)


def _reason(outcome: dict[str, Any]) -> str:
    """Why a host ended a run: its word for it, and the breach that it names."""
    violation = outcome.get("violation")
    named = violation if isinstance(violation, dict) else {}
    reason = str(outcome.get("terminal_reason") or outcome.get("status") or outcome)
    what = named.get("message") or named.get("code")
    return f"{reason}, {what}" if what else reason


def _ms(before: Line, after: Line) -> int:
    return round((after.t - before.t) * 1000)
