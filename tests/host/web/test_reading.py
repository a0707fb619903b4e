"""Many readers against a writer, over real sockets; and the judge of their log."""

from __future__ import annotations

import pytest

from ..processes import served
from ..reading import Acknowledged, Log, Read, faults, logged

READERS, SECONDS = 64, 3.0


def test_no_read_is_older_than_what_was_acknowledged(database: str) -> None:
    """Whoever reads is shown all that was acknowledged before, although most readers share a look."""
    with served(database) as host:
        log = logged(host, READERS, SECONDS)
    assert faults(log) == []


ACKNOWLEDGED = (Acknowledged(1.0, "name", 1), Acknowledged(2.0, "name", 2))


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (Log(ACKNOWLEDGED, [Read(0.5, {"name": 0})] * 3, 1), []),
        (Log(ACKNOWLEDGED, [Read(1.5, {"name": 1}), Read(1.5, {"name": 2}), Read(2.0, {"name": 1})], 1), []),
        (
            Log(ACKNOWLEDGED, [Read(2.1, {"name": 2}), Read(2.1, {"name": 1}), Read(1.5, {"name": 0})], 1),
            ["name: 2 was acknowledged and 1 shown", "name: 1 was acknowledged and 0 shown"],
        ),
        (Log(ACKNOWLEDGED, [Read(3.0, {})] * 3, 1), ["name: 2 was acknowledged and None shown"] * 3),
        (Log(ACKNOWLEDGED[::-1], [Read(0.0, {})] * 3, 1), ["the log of name does not rise"]),
        (Log(ACKNOWLEDGED, [Read(3.0, {"name": 2})] * 4, 2), ["2 projections for 4 reads"]),
        (Log((), [Read(3.0, {})] * 3, 1), ["nothing was written, or nothing was read"]),
    ],
)
def test_a_forged_log_is_seen_through(log: Log, told: list[str]) -> None:
    """A read that is older by one change is told, one that was begun in the same moment is not."""
    assert faults(log) == told
