"""Several host processes on one database: what one acknowledged the very next read of another sees."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pdpp_host.arguments import SummaryQuery
from pdpp_host.readmodel.rebuilding import rebuild

from ..houses import a_house
from ..processes import Served, connected, served


@pytest.fixture
def both(database: str) -> Iterator[tuple[Served, Served]]:
    """Two host processes on one database."""
    with served(database) as one, served(database) as other:
        for host in (one, other):
            host.ask("POST", "/_stage/clock", {"at": "2026-05-01T10:00:00Z"})
        yield one, other


def test_one_writes_and_the_other_tells(both: tuple[Served, Served]) -> None:
    """Whatever is acknowledged by one process shows in the next list of the other, and in its scoped read."""
    one, other = both
    [connection] = connected(one)
    assert other.listed() == one.listed()
    path = f"/_ref/connections/{connection}"
    for n in range(1, 6):
        records = {"connection_id": connection, "stream": "notes", "count": n, "prefix": f"é{n}-"}
        one.ask("POST", "/_stage/records", records)
        assert other.listed()[connection]["retained"]["records"] == 1 + sum(range(n + 1))
        one.ask("PATCH", path, {"display_name": f"name {n}"})
        assert other.listed()[connection]["display_name"] == f"name {n}"
        one.ask("POST", "/_stage/runs", {"status": "failed", "connection_id": connection})
        assert other.ask("GET", path)["last_run"]["status"] == "failed"
        other.ask("PUT", f"{path}/schedule", {"interval_seconds": 60 * n})
        assert one.listed()[connection]["schedule"]["interval_seconds"] == 60 * n
    assert one.listed() == other.listed()


@pytest.mark.parametrize(
    "moment",
    [
        "within",
        *(pytest.param(moment, marks=pytest.mark.long) for moment in ("acknowledged", "before", "after")),
    ],
)
def test_a_killed_host_comes_back_right(database: str, tmp_path: Path, moment: str) -> None:
    """Killed between a write and its fold, or while it keeps the fold, a host then tells what is there."""
    when = tmp_path / "dies"
    deadly = ("--plugin", "deadly")
    variables = {"DIES_WHEN": str(when), "PYTHONPATH": str(Path(__file__).parents[1])}
    with served(database, *deadly, **variables) as host:
        first, second = connected(host, 2)
        host.listed()
        host.ask("PATCH", f"/_ref/connections/{first}", {"display_name": "é"})
        host.ask("POST", "/_stage/runs", {"status": "failed", "connection_id": second})
        when.write_text(moment)
        host.ask(
            "POST", "/_stage/records", {"connection_id": first, "stream": "notes", "count": 3, "text": "ü"}
        )
        if moment == "acknowledged":
            host.kill()
        else:
            with pytest.raises(httpx.TransportError):
                host.listed()
            assert host.process.wait(30) == -signal.SIGKILL
    with a_house(tmp_path, url=database) as house:
        with house.host.services.storage.read() as view:
            dirty = [row.maintenance.dirty for row in view.summary_rows(SummaryQuery())]
        assert any(dirty) == (moment != "after")
    with served(database) as host:
        rows = host.listed()
        assert (rows[first]["display_name"], rows[first]["retained"]["records"]) == ("é", 3)
        assert rows[second]["last_run"]["status"] == "failed"
    with a_house(tmp_path, url=database) as house:
        with house.host.services.storage.read() as view:
            assert not any(row.maintenance.dirty for row in view.summary_rows(SummaryQuery()))
        assert list(rebuild(house.host.services)) == []
