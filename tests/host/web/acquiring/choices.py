"""What a machine may choose from: what is said, how it ends, and what an owner arranges."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from .model import FEBRUARY, METHODS, SINCE, Line

TIMES = (
    None,
    "2026-01-31T23:59:59Z",
    SINCE,
    "2026-02-10T00:00:00Z",
    "2026-03-01T00:30:00+01:00",
    FEBRUARY["until"],
)
WORDS = (None, "plum", "pear")


lines = st.lists(
    st.builds(
        Line,
        st.sampled_from(("notes", "notes", "log")),
        st.sampled_from("abc"),
        st.sampled_from(WORDS),
        st.sampled_from(TIMES),
        st.integers(0, 1),
        st.sampled_from((False, False, False, False, True)),
    ),
    min_size=1,
    max_size=6,
)
ends = st.sampled_from(
    ("whole",) * 10
    + ("skip", "skip elsewhere", "skip nameless", "failed", "miscounted", "cut off", "stray", "cancelled")
)


@dataclass(frozen=True)
class Acquisition:
    """A run or import: of which connection and path, what its connector says, how it ends."""

    where: int
    which: int
    said: list[Line]
    end: str
    claimed: bool
    narrowing: str | None
    held: bool
    nonce: int


@dataclass(frozen=True)
class Arrangement:
    """Anything else that an owner does."""

    what: str
    where: int
    kind: str
    person: str
    rule: str
    install: bool
    says: tuple[bool, bool, bool]


acquisitions = st.builds(
    Acquisition,
    st.sampled_from((0, 0, 0, 0, 0, 1, 2, 3)),
    st.integers(0, 2),
    lines,
    ends,
    st.booleans(),
    st.sampled_from((None, None, None, None, "window", "window", "resources")),
    st.sampled_from((False, False, False, True)),
    st.integers(0, 9),
)
arrangements = (
    st.none()
    | st.none()
    | st.builds(
        Arrangement,
        st.sampled_from(("go on", "join", "govern", "configure", "restart")),
        st.integers(0, 3),
        st.sampled_from(tuple(METHODS)),
        st.sampled_from(("ana", "ana", "ana", "bea")),
        st.sampled_from(("r1", "r2")),
        st.sampled_from((True, True, False)),
        st.tuples(st.sampled_from((True, True, False)), st.booleans(), st.booleans()),
    )
)
