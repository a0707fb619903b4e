"""Single lines and short runs, for tests that say each line themselves."""

from __future__ import annotations

from typing import Any

from conversations import Part, ending, out, start

COVERAGE = {"reference_only": True, "stream": "tags", "state_stream": "tags"}


def raw(text: str | bytes) -> Part:
    """A line of the connector's in these very bytes."""
    return Part("raw", "out", {}, text.encode() if isinstance(text, str) else text)


def asked(name: str) -> Part:
    """A question to the owner."""
    return out("INTERACTION", request_id=name, kind="otp", message="code?")


def answered(name: str) -> Part:
    """The host's answer to it."""
    return Part("answer", "in", {"type": "INTERACTION_RESPONSE", "request_id": name, "status": "timeout"})


def done(count: Any, **more: Any) -> Part:
    """A DONE of one's own."""
    return out("DONE", **{"status": "succeeded", "records_emitted": count, **more})


def exits(status: int) -> Part:
    """The connector's end."""
    return Part("exit", "exit", {"status": status})


def coverage(required: str, hydrated: str, gaps: str = "") -> Part:
    """A coverage of details with names of one letter."""
    keys = {"required_keys": [*required], "hydrated_keys": [*hydrated], "gap_keys": [*gaps]}
    return out("DETAIL_COVERAGE", **COVERAGE, **keys)


def whole(*middle: Part) -> list[Part]:
    """A run with these lines in it, well begun and well ended."""
    return [start(), *middle, *ending(list(middle))]


OTHER_FOLDER = {"id": "n-2", "at": "2024-05-01T00:00:00Z", "folder": "inbox-2"}
TOO_EARLY = {"id": "n-1", "at": "2023-12-31T23:59:59Z"}
NO_TIME = {"id": "n-1", "at": "yesterday"}
ASKED = {"id": "n-1", "at": "2024-05-01T00:00:00Z", "folder": "inbox"}
UNASKED = {"id": "n-1", "at": "2024-05-01T00:00:00Z", "size": 3}


def record(data: dict[str, Any], key: Any = None, stream: str = "notes") -> Part:
    """A record with this content."""
    key = data.get("id") if key is None else key
    return out("RECORD", stream=stream, key=key, data=data, emitted_at="2026-01-01T00:00:00Z")
