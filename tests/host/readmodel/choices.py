"""What a machine may choose from, of whatever happens to a host."""

from __future__ import annotations

from hypothesis import strategies as st

from pdpp_host.domain.entities import Gap

ACCOUNTS = ("ana", "ben", "cem")
KEYS = ("key-1", "key-2")

places = st.integers(0, 4)
accounts = st.sampled_from(ACCOUNTS)
keys = st.sampled_from([None, *KEYS])
streams = st.sampled_from(["notes", "calls"])
names = st.sampled_from(["1", "2", "🙂"])
texts = st.sampled_from([None, "", "plain", "é", "🙂🙂"])
writes = st.lists(st.tuples(names, texts), max_size=4)

gaps = st.lists(
    st.builds(
        Gap, st.just("partition"), st.sampled_from("abc"), st.sampled_from(["recoverable", "transient"])
    ),
    max_size=3,
)

statuses = st.sampled_from(["completed", "completed", "failed", "cancelled", "surface_failed"])
surfaces = st.sampled_from(["waiting", "leased", "failed", "released"])
kept = st.sampled_from([True, True, True, False])
