"""What a connector did that was started alone, without any host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pdpp_tck.evidence.transcripts import Transcript
from pdpp_tck.monitor import Breach, Limits, watch


@dataclass(frozen=True, slots=True)
class Alone:
    """One start under a fault; `unarranged` is why it could not be made."""

    fault: str
    unarranged: str | None
    ended: bool
    transcript: Transcript
    breaches: tuple[Breach, ...]

    @staticmethod
    def of(entry: dict[str, Any]) -> Alone:
        """What a noted start shows."""
        transcript = Transcript(entry.get("transcript", []), entry["fault"])
        breaches = tuple(watch(transcript.lines, Limits.of(entry["manifest"])))
        ended = entry.get("exited") is True
        return Alone(entry["fault"], entry.get("unarranged"), ended, transcript, breaches)

    @property
    def statuses(self) -> list[Any]:
        """What DONE said, each time that it was said."""
        return [(line.message or {}).get("status") for line in self.transcript.said("DONE")]
