"""What a machine may choose from, of whatever is done to a storage."""

from __future__ import annotations

from hypothesis import strategies as st

from pdpp_host.contract.entries import delete, upsert
from pdpp_host.domain.entities import Gap

connections = st.sampled_from(["con-1", "con-2"])
streams = st.sampled_from(["messages", "calls"])
paths = st.integers(0, 2)
names = st.sampled_from(["1", "2", "3", "🙂", "it's"])

writes = st.lists(
    st.one_of(
        st.builds(lambda name, n: upsert(name, n=n), names, st.sampled_from([0, 1, "é", "🙂🙂"])),
        st.builds(delete, names),
    ),
    max_size=6,
)

keys = st.sampled_from([None, "key-1", "key-2"])
ends = st.sampled_from(["completed", "failed", "surface_failed"])
surfaces = st.sampled_from(["waiting", "failed", "no_such_thing"])

gaps = st.lists(
    st.builds(Gap, st.just("partition"), st.sampled_from("ab"), st.just("recoverable")), max_size=2
)
