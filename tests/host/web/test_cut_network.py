"""A network that is cut between a host and its PostgreSQL server: bounded time, and every law holds then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from parts import missing

from pdpp_host.arguments import SummaryQuery
from pdpp_host.ports import Databases, StorageError
from pdpp_plugins.storage import postgres_engines, postgres_network

from ..cut_wire import Way, Wire, wired
from ..houses import House, a_house
from ..runtime.test_lost_answers import check_laws
from ..waiting import until

BOUND_S = 12.0
"""With the seconds below: a statement that is given up, and the one that tells of it."""
RECORDS = 2500
WAYS = ["dropped", pytest.param("silent", marks=pytest.mark.long)]


@pytest.fixture
def direct(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database on a server, and no wire before it."""
    databases: Databases | str = request.getfixturevalue("databases")
    if isinstance(databases, str):
        missing("postgres", databases)
    url = databases.fresh()
    yield url
    databases.drop(url)


@pytest.fixture
def cut_off(
    direct: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[House, Wire, House]]:
    """A host behind a wire, its patience short, and another host that is not."""
    with a_house(tmp_path, url=direct) as other:
        monkeypatch.setattr(postgres_network, "SILENCE", 1.0)
        monkeypatch.setattr(postgres_network, "CONNECT", 2)
        monkeypatch.setattr(postgres_engines, "IDLE_WRITER", 2)
        with wired(direct) as wire, a_house(tmp_path, url=wire.url) as house:
            yield house, wire, other


def slow(house: House, go: Path) -> str:
    """A connection whose program says a part of its records, waits for a file, and says the rest."""
    text = f"""
hear()
for n in range({RECORDS}):
    if n == 1500:
        while not os.path.exists({str(go)!r}): time.sleep(0.01)
    record("k%06d" % n, n=n)
say(type="STATE", stream="notes", cursor={{"n": {RECORDS}}})
done({RECORDS})
"""
    return house.connect(house.program(text))


@pytest.mark.parametrize("way", WAYS)
def test_a_run_is_cut_off(cut_off: tuple[House, Wire, House], tmp_path: Path, way: Way) -> None:
    """A run whose server is cut off ends in bounded time, storage_failed once the network is back.

    What was acknowledged is there, nobody else waits for its lock, and the next run completes.
    """
    house, wire, other = cut_off
    go = tmp_path / "go"
    connection = slow(house, go)
    run_id = house.start(connection)
    until(lambda: len(other.stored(connection)) >= 1000)
    wire.cut(way)
    begun = time.monotonic()
    go.touch()
    other.ended(run_id)
    assert time.monotonic() - begun < BOUND_S
    assert other.shown(run_id).status == "active"
    with other.host.services.storage.write() as unit:
        unit.commit()
    assert time.monotonic() - begun < BOUND_S
    wire.mend()
    house.host.controller.tend()
    run = other.shown(run_id)
    assert (run.status, run.terminal_reason) == ("failed", "storage_failed")
    check_laws(other, connection, {"notes": {"n": RECORDS}})
    assert house.run(connection).status == "completed"
    assert len(other.stored(connection)) == RECORDS
    check_laws(other, connection, {"notes": {"n": RECORDS}})


@pytest.mark.parametrize("way", WAYS)
def test_a_list_is_cut_off(cut_off: tuple[House, Wire, House], way: Way) -> None:
    """Reads that are under way, and those that come, fail in bounded time; later ones answer as before."""
    house, wire, _ = cut_off
    storage = house.host.services.storage
    with storage.read() as view:
        before = view.summary_rows(SummaryQuery())
    # What was read before it was cut is good, though its transaction cannot be ended.
    with storage.read() as view:
        assert view.summary_rows(SummaryQuery()) == before
        wire.cut(way)
    wire.mend()
    with storage.read() as view:
        view.connections()
        wire.cut(way)
        begun = time.monotonic()
        with pytest.raises(StorageError):
            view.summary_rows(SummaryQuery())
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda _: fails(house), range(6)))
    assert time.monotonic() - begun < BOUND_S
    wire.mend()
    with storage.read() as view:
        assert view.summary_rows(SummaryQuery()) == before


def fails(house: House) -> bool:
    try:
        with house.host.services.storage.read() as view:
            view.connections()
    except StorageError as error:
        return "\n" not in str(error)
    return False


@pytest.mark.long
def test_a_lock_of_a_host_that_is_cut_off(
    cut_off: tuple[House, Wire, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends a transaction of whose host it hears nothing, so that other hosts write again."""
    house, wire, other = cut_off
    monkeypatch.setattr(postgres_network, "SILENCE", 5.0)
    begun = time.monotonic()
    with house.host.services.storage.write():
        wire.cut("silent")
        with other.host.services.storage.write() as theirs:
            theirs.commit()
        assert 1 < time.monotonic() - begun < 5


def test_others_are_waited_for_longer_than_they_may_hold_up() -> None:
    """A writer waits longer than one that says nothing may hold the lock; silence is longer still."""
    assert postgres_engines.IDLE_WRITER < postgres_engines.PATIENCE < postgres_network.SILENCE


def test_what_connections_ask_for(direct: str) -> None:
    """Either side finds a dead network out within a minute; what a URL says of it is left as it is."""
    with postgres_network.connected(direct) as connection:
        told = connection.info.get_parameters()
        assert (told["keepalives_idle"], told["tcp_user_timeout"]) == ("30", "60000")
        for name, value in postgres_network.SERVER.items():
            row = connection.execute(f"SELECT setting FROM pg_settings WHERE name = '{name}'").fetchone()
            assert row == (value,)
    with postgres_network.connected(f"{direct}?keepalives_idle=7") as connection:
        assert connection.info.get_parameters()["keepalives_idle"] == "7"


def test_a_migration_may_take_its_time(direct: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that says nothing for long is given up, unless it is a migration's."""
    monkeypatch.setattr(postgres_network, "SILENCE", 0.2)
    with postgres_network.connected(direct) as connection:
        with postgres_network.unhurried():
            connection.execute("SELECT pg_sleep(0.5)")
        with pytest.raises(psycopg.OperationalError, match="has not answered for 0.2 seconds"):
            connection.execute("SELECT pg_sleep(5)")
        assert connection.closed
