"""Good transcripts, made line by line, and what each line is in them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from pdpp_tck.evidence.transcripts import Line
from pdpp_tck.monitor import Limits

SECRET = "canary-0123456789abcdef"
MANIFEST: dict[str, Any] = {
    "connector_key": "made-up",
    "streams": [
        {
            "name": "notes",
            "semantics": "append_only",
            "primary_key": ["id"],
            "consent_time_field": "at",
            "selection": {"resources": True, "resource_field": "folder", "fields": True},
            "schema": {
                "type": "object",
                "required": ["id", "at"],
                "properties": {
                    "id": {"type": "string"},
                    "at": {"type": "string"},
                    "folder": {"type": "string"},
                },
            },
        },
        {
            "name": "tags",
            "semantics": "mutable_state",
            "primary_key": ["id", "n"],
            "state_stream": "tag_pages",
            "schema": {"type": "object", "properties": {"n": {"type": "integer"}}},
        },
    ],
}
LIMITS = Limits.of(MANIFEST, frozenset([SECRET]))
SCOPE = {
    "streams": [
        {
            "name": "notes",
            "resources": ["inbox", "n-1"],
            "fields": ["id", "at", "folder", "text"],
            "time_range": {"since": "2024-01-01T00:00:00Z", "until": "2025-01-01T00:00:00Z"},
        },
        {"name": "tags"},
    ]
}


@dataclass(frozen=True)
class Part:
    """One line of a conversation: `kind` is its message type, or `exit`."""

    kind: str
    direction: str
    message: dict[str, Any]
    raw: bytes | None = None

    @property
    def bytes(self) -> bytes:
        """The line as it crosses the pipe."""
        return json.dumps(self.message, ensure_ascii=False).encode() if self.raw is None else self.raw

    def written(self, raw: bytes) -> Part:
        """The same line in other bytes."""
        return replace(self, raw=raw)


def lines(parts: list[Part]) -> list[Line]:
    """The transcript of these parts, numbered from 1 as `tee` does."""
    noted = []
    for n, part in enumerate(parts, 1):
        try:
            noted.append(Line(n, part.direction, part.bytes.decode()))
        except UnicodeDecodeError:
            noted.append(Line(n, part.direction, part.bytes.decode("utf-8", "replace"), utf8=False))
    return noted


def out(kind: str, /, **content: Any) -> Part:
    """A line of the connector's."""
    return Part(kind, "out", {"type": kind, **content})


def note(key: str, folder: str = "inbox", **more: Any) -> Part:
    """A record of `notes` that lies within the scope."""
    data = {"id": key, "at": "2024-05-01T10:00:00+02:00", "folder": folder, **more}
    return out("RECORD", stream="notes", key=key, data=data, emitted_at="2026-01-01T00:00:00Z")


def tag(key: str, n: int, op: str | None = None) -> Part:
    """A record of `tags`, or its deletion."""
    content: dict[str, Any] = {"stream": "tags", "key": [key, str(n)], "emitted_at": "2026-01-01T00:00:00Z"}
    content |= {"op": op} if op else {"data": {"id": key, "n": n}}
    return out("RECORD", **content)


def start() -> Part:
    """START with a scope on one stream and none on the other."""
    message = {"type": "START", "run_id": "r1", "collection_mode": "incremental", "scope": SCOPE}
    return Part("START", "in", message | {"state": {}, "bindings": {}, "detail_gaps": []})


def ending(middle: list[Part], status: str = "succeeded", exit_status: int = 0) -> list[Part]:
    """The DONE and the exit that belong to what came before."""
    count = sum(part.kind == "RECORD" for part in middle)
    done = out("DONE", status=status, records_emitted=count)
    return [done, Part("exit", "exit", {"status": exit_status})]


@st.composite
def _question(draw: st.DrawFn) -> list[Part]:
    name = draw(st.sampled_from(["q1", "q2", "q3"]))
    answer = {"type": "INTERACTION_RESPONSE", "request_id": name, "status": "timeout"}
    return [
        out("INTERACTION", request_id=name, kind="otp", message="code?"),
        Part("INTERACTION_RESPONSE", "in", answer),
    ]


def _details() -> st.SearchStrategy[list[Part]]:
    coverage = {"reference_only": True, "stream": "tags", "state_stream": "tags"}
    keys = {"required_keys": ["a", "b"], "hydrated_keys": ["a"], "gap_keys": ["b"]}
    told = out("DETAIL_GAP", stream="tags", record_key="b", reason="gone")
    return st.just([out("DETAIL_COVERAGE", **coverage, **keys), told])


_KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)
_BLOCKS: st.SearchStrategy[list[Part]] = st.one_of(
    _KEYS.map(lambda key: [note(key)]),
    st.just([note("n-1", "elsewhere")]),
    st.builds(tag, _KEYS, st.integers(0, 9)).map(lambda part: [part]),
    st.builds(tag, _KEYS, st.integers(0, 9), st.just("delete")).map(lambda part: [part]),
    st.just([out("STATE", stream="notes", cursor={"at": 1})]),
    st.just([out("STATE", stream="tag_pages", cursor={})]),
    st.just([out("SKIP_RESULT", stream="notes", reason="rate_limited", message="später")]),
    st.just([out("PROGRESS", message="half", count=1, total=2)]),
    st.just([out("ASSISTANCE", request_id="x")]),
    st.just([Part("err", "err", {"note": "stderr is free"})]),
    _question(),
    _details(),
)


@st.composite
def conversations(draw: st.DrawFn) -> list[Part]:
    """A whole run that keeps every rule."""
    blocks = draw(st.lists(_BLOCKS, max_size=8))
    middle = [part for block in blocks for part in block]
    status, exit_status = draw(st.sampled_from([("succeeded", 0), ("failed", 1), ("cancelled", 3)]))
    return [start(), *middle, *ending(middle, status, exit_status)]
