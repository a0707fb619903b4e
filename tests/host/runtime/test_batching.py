"""What a run hands to storage, and when."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pdpp_host.runtime.batching import BATCH, Batches

from ..houses import House
from ..waiting import until

_SAYS = """hear()
for n in range({many}): record(str(n))
while not os.path.exists({go_on!r}): time.sleep(0.01)
done({many})"""


def test_what_a_busy_storage_let_grow_waits_for_no_further_line(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that came while a batch was written are written next, though their connector is silent then."""
    held, free, write, add = threading.Event(), threading.Event(), Batches._write, Batches.add
    heard: list[int] = []

    def slow(self: Batches, full: Any) -> Any:
        held.set()
        assert free.wait(60)
        return write(self, full)

    def counted(self: Batches, *record: Any) -> None:
        add(self, *record)
        heard.append(1)

    monkeypatch.setattr(Batches, "_write", slow)
    monkeypatch.setattr(Batches, "add", counted)
    many, go_on = 3 * BATCH + 7, house.home / "go-on"
    connection = house.connect(house.program(_SAYS.format(many=many, go_on=str(go_on))))
    run_id = house.start(connection)
    assert held.wait(10)
    until(lambda: len(heard) == many, "not all that was said is heard")
    free.set()
    until(lambda: len(house.stored(connection)) == many, "not all that was said is stored")
    go_on.touch()
    assert house.ended(run_id).status == "completed"
