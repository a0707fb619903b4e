"""What a transcript shows of the things that rules are about: where nothing was seen, nothing was kept."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pdpp_tck.evidence.transcripts import Line, Transcript
from pdpp_tck.monitor import Limits
from pdpp_tck.monitor.records import scopes_of

NARROWED = {
    "resources": "a record of a run of chosen resources",
    "fields": "a record of a run of chosen fields",
    "time_range": "a record of a run of a window of time",
}
APPEND_ONLY = "a record of an append-only stream"
CONTENT = "a record with content that is watched for"


def seen(transcript: Transcript, limits: Limits, held: bool) -> Counter[str]:
    """How often a transcript shows each thing, by the words in which features ask for it."""
    found: Counter[str] = Counter()
    scopes = scopes_of(transcript.start or {}) or {}
    for line in transcript.said("RECORD"):
        found.update(_of_record(line, scopes, limits))
    found["a record"] = len(transcript.said("RECORD"))
    found["a record or a cursor"] = len(transcript.said("RECORD", "STATE"))
    found["a cursor"] = len(transcript.said("STATE"))
    found["an INTERACTION"] = len(transcript.said("INTERACTION"))
    found["a DETAIL_COVERAGE"] = len(transcript.said("DETAIL_COVERAGE"))
    found[CONTENT] = int(_shows_content(transcript, limits))
    found["a START that came late"] = int(held and transcript.start is not None)
    found["a run that ended well"] = int(_ended_well(transcript))
    return +found


def _of_record(line: Line, scopes: dict[str, dict[str, Any]], limits: Limits) -> list[str]:
    message = line.message or {}
    stream = message.get("stream")
    if not isinstance(stream, str):
        return []
    scope = scopes.get(stream, {})
    things = [words for part, words in NARROWED.items() if scope.get(part) is not None]
    if limits.streams.get(stream, {}).get("semantics") == "append_only":
        things.append(APPEND_ONLY)
    return things


def _shows_content(transcript: Transcript, limits: Limits) -> bool:
    """Whether any record carries a mark; one is enough, and there may be thousands of both."""
    lines = transcript.said("RECORD")
    return any(secret in line.text for line in lines for secret in limits.secrets)


def _ended_well(transcript: Transcript) -> bool:
    done = [line.message or {} for line in transcript.said("DONE")]
    return [message.get("status") for message in done] == ["succeeded"] and transcript.exit_status == 0
