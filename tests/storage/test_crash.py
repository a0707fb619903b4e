"""Killed hosts and killed servers lose nothing that was acknowledged, and leave nothing half-written."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from threading import Event
from typing import Any

import psycopg
import pytest
from parts import missing

from pdpp_host.ports import Databases, StorageMissing
from pdpp_host.runtime.batching import LARGEST
from pdpp_plugins.storage.postgres_container import durable

from .crash import a_house, announcing, check_whole, connected, crash_and_come_back, kept

RECORDS = 20_000


@pytest.mark.parametrize(
    "batches", [2, pytest.param(1, marks=pytest.mark.long), pytest.param(3, marks=pytest.mark.long)]
)
def test_a_killed_host_comes_back(url: str, tmp_path: Path, batches: int) -> None:
    """Killed after so many acknowledged batches, a host finds them all again, each once, and goes on."""

    def after_batches(host: subprocess.Popen[str]) -> int:
        assert host.stdout is not None
        return sum(int(host.stdout.readline()) for _ in range(batches))

    told = crash_and_come_back(url, tmp_path, RECORDS, after_batches)
    assert "acknowledged" in told


@pytest.fixture
def durable_server(server: Databases | str) -> Iterator[Any]:
    """A server that can be killed and started again, at one address."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        started = durable(port)
    except StorageMissing as error:
        missing("docker", str(error))
    yield started
    started.stop()


def test_a_killed_server_comes_back(durable_server: Any, tmp_path: Path) -> None:
    """A server that is killed in a run fails the run; started again it has all that it acknowledged, once."""
    acknowledged: list[int] = []
    enough = Event()

    def tell(accepted: int) -> None:
        acknowledged.append(accepted)
        if len(acknowledged) == 5:
            enough.set()

    with a_house(tmp_path, announcing(tell), url=durable_server.url) as house:
        connection = connected(house, 100_000)
        run_id = house.start(connection)
        assert enough.wait(60)
        durable_server.container.get_wrapped_container().kill()
        for thread in threading.enumerate():
            if thread.name == run_id:
                thread.join(60)
        durable_server.container.get_wrapped_container().start()
        _await(durable_server.url)
        again = house.run(connection)  # the end that the server would not take is written first
        first = house.shown(run_id)
        assert (first.status, first.terminal_reason) == ("failed", "storage_failed")
        assert (first.checkpoint, again.status) == ("not_committed", "completed")
        # One batch may have been kept whose acknowledgement the kill cut off.
        assert 0 <= 100_000 - sum(acknowledged) <= LARGEST, "what was acknowledged was written again"
        assert kept(house, connection) == [f"k{n:06}" for n in range(100_000)]
        assert house.cursors(connection) == {"notes": {"n": 100_000}}
        assert house.leases() == []


def _await(url: str, patience_s: float = 60.0) -> None:
    """Wait until the server answers."""
    until, pause = time.monotonic() + patience_s, Event()
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < until, "the server does not come back"
            pause.wait(0.05)


def test_the_checks_can_fail(tmp_path: Path) -> None:
    """A run of which more was acknowledged than is there is told apart from a whole one."""
    with a_house(tmp_path, url=f"sqlite:///{tmp_path}/host.db") as house:
        connection = connected(house, 2000)
        run = house.run(connection)
        check_whole(house, connection, run, 2000, 2000)
        with pytest.raises(AssertionError, match="2001 were acknowledged and 2000 are left"):
            check_whole(house, connection, run, 2001, 2000)
