"""Bytes from strangers: a result or a typed refusal, in bounded time and memory.

`tests/campaign/fuzz.py` does the same for as long as one likes.
"""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from making import inputs
from targets import TARGETS

MOST_S = 2.0
MEMORY = 60
"""Bytes that may be held for each byte of a large input; JSON of `[[],[],…` is 56 as Python's objects."""
MARKDOWN = 160
"""The same of an OpenSpec text, read as a specification and as a change to it: lists in lists are tokens."""


@pytest.mark.parametrize("name", TARGETS)
def test_anything_is_taken_or_refused(name: str) -> None:
    """Good examples that were spoilt, and what was none."""
    target = TARGETS[name]

    @settings(
        max_examples=100, deadline=MOST_S * 1000, suppress_health_check=list(HealthCheck), database=None
    )
    @given(inputs(target))
    def anything(content: bytes) -> None:
        target.take(content)

    anything()


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_good_is_taken(name: str) -> None:
    """The control: what is spoilt was good."""
    refusals = {"unreadable", "UsageError", "RequestRefused", "ManifestError", "artifact_unsafe", "nothing"}
    assert not {TARGETS[name].take(seed) for seed in TARGETS[name].seeds} & refusals


LARGE = {
    "arrays in arrays": b"[" * 500_000,
    "objects in objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "many arrays": b"[" + b"[]," * 160_000 + b"[]]",
    "one long text": b'"' + b"x" * 500_000 + b'"',
    "one long number": b"9" * 500_000,
    "many blank lines": b"\n" * 4_000,
    "many quotes": b'"' * 500_000,
    "many headers": b"PK\3\4" * 125_000,
    "many ends": b"PK\5\6" * 125_000,
    "many surrogates": b'{"type":"PROGRESS","message":"' + b"\\ud800" * 80_000 + b'"}',
    "many types": b'{"type":"PROGRESS",' * 25_000,
    "many keys": b'{"type":"PROGRESS"' + b',"a":1' * 80_000 + b"}",
}

TEXTS = {
    "many requirements": b"## Requirements\n" + b"### Requirement: a\n" * 5_000,
    "many steps": b"## Requirements\n### Requirement: a\n#### Scenario: b\n" + b"- **THEN** c\n" * 7_000,
    "quotes in quotes": b">" * 100_000,
    "lists in lists": b"- " * 50_000,
    "many emphases": b"*a_ " * 25_000,
    "many brackets": b"[a](" * 25_000,
}


@pytest.mark.long
@pytest.mark.parametrize("name", TARGETS)
def test_large_ones_cost_little(name: str) -> None:
    """Half a megabyte of what costs most to read takes a few seconds and a bounded number of bytes."""
    most = MARKDOWN if name == "openspec" else MEMORY
    for what, content in (TEXTS if name == "openspec" else LARGE).items():
        begun = time.process_time()
        TARGETS[name].take(content)
        took = time.process_time() - begun
        assert took < MOST_S, f"{what}: {took:.1f} s"
        # Watching memory makes all of it several times slower.
        tracemalloc.start()
        TARGETS[name].take(content)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert held < 1_000_000 + most * len(content), (
            f"{what}: {held / len(content):.0f} bytes for each of its bytes"
        )
