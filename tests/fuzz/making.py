"""Inputs for targets: good ones that were spoilt, by bytes and by parts of their JSON."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from targets import Target

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=6),
    st.sampled_from(
        ["", "notes", "id", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999999+23:59", "\0"]
    ),
)
VALUES = st.recursive(
    _LEAVES,
    lambda part: st.one_of(
        st.lists(part, max_size=3), st.dictionaries(st.text(max_size=4), part, max_size=3)
    ),
    max_leaves=6,
)


def inputs(target: Target) -> st.SearchStrategy[bytes]:
    """Anything: a good example, one that was spoilt, or bytes."""
    return st.one_of(
        st.sampled_from(target.seeds).flatmap(lambda seed: _spoilt(seed, target.words)),
        st.sampled_from(target.seeds).flatmap(_other_parts),
        st.lists(st.sampled_from(target.words) | st.binary(max_size=5), max_size=8).map(b"".join),
    )


def _spoilt(seed: bytes, words: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Cut, overwritten and with something put in, up to four times."""
    place = st.integers(0, len(seed))
    piece = st.sampled_from(words) | st.binary(max_size=6)
    edit = st.tuples(place, st.sampled_from([0, 0, 1, 2, 8, 1000]), piece)

    def apply(edits: list[tuple[int, int, bytes]]) -> bytes:
        content = seed
        for at, gone, new in edits:
            content = content[:at] + new + content[at + gone :]
        return content

    return st.lists(edit, min_size=1, max_size=4).map(apply)


@st.composite
def _other_parts(draw: st.DrawFn, seed: bytes) -> bytes:
    """The lines of a seed, in each of which a part of the JSON is another value; what is no JSON as it is."""
    try:
        messages = [json.loads(line) for line in seed.splitlines()]
    except ValueError:
        return seed
    return b"".join(json.dumps(_changed(draw, each)).encode() + b"\n" for each in messages)


def _changed(draw: st.DrawFn, whole: Any) -> Any:
    """A copy with one part replaced, doubled under another name, or taken away."""
    places = list(_places(whole, ()))
    if not places or not draw(st.booleans()):
        return whole
    copy = json.loads(json.dumps(whole))
    *way, last = draw(st.sampled_from(places))
    inner = copy
    for step in way:
        inner = inner[step]
    if draw(st.integers(0, 4)) == 0:
        del inner[last]
    elif isinstance(inner, dict) and draw(st.integers(0, 4)) == 0:
        inner[draw(st.text(max_size=5))] = inner[last]
    else:
        inner[last] = draw(VALUES)
    return copy


def _places(value: Any, way: tuple[Any, ...]) -> Any:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        yield (*way, step)
        yield from _places(part, (*way, step))
