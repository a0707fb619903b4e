"""A disk that is full: nothing acknowledged is lost, runs end, the host answers on, and goes on later."""

from __future__ import annotations

import io
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import warm
from small_disk import Disk, small_disk

from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import StorageError
from pdpp_host.runtime.imports import ImportWanted, home

from ..cli.test_serve import HOST, environment
from ..houses import PRELUDE, House, a_house, done, manifest, record
from ..processes import OWNER, Served, asked, served
from ..runtime.test_lost_answers import check_laws

RECORDS = 12_000
LONG = "x" * 500
SAYS = f"""
hear()
for n in range({RECORDS}):
    record("k%06d" % n, text={LONG!r})
say(type="STATE", stream="notes", cursor={{"n": {RECORDS}}})
done({RECORDS})
"""
CURSOR = {"notes": {"n": RECORDS}}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path) as disk:
        yield disk


@pytest.fixture
def cramped(disk: Disk, tmp_path: Path) -> Iterator[House]:
    """A host whose database has little room."""
    with a_house(tmp_path, url=f"sqlite:///{disk.place / 'host.db'}") as house:
        yield house


def test_a_run_that_fills_the_disk(cramped: House, disk: Disk) -> None:
    """It fails as storage_failed and keeps what was acknowledged; with room again the next one completes."""
    house = cramped
    connection = house.connect(house.program(SAYS))
    run_id = house.start(connection)
    house.ended(run_id)
    kept = house.stored(connection)
    assert 0 < len(kept) < RECORDS
    disk.make_room()
    house.host.controller.tend()
    run = house.shown(run_id)
    assert (run.status, run.terminal_reason) == ("failed", "storage_failed")
    assert run.records.accepted == len(kept), "half a batch, or one that nothing tells of"
    assert house.stored(connection) == kept
    check_laws(house, connection, CURSOR)
    assert house.run(connection).status == "completed"
    assert len(house.stored(connection)) == RECORDS
    check_laws(house, connection, CURSOR)


def test_a_run_whose_end_has_no_room(cramped: House, disk: Disk, tmp_path: Path) -> None:
    """It ends when there is room again, though nobody asks; meanwhile the host reads on."""
    house, go = cramped, tmp_path / "go"
    waits = f"while not os.path.exists({str(go)!r}): time.sleep(0.01)"
    connection = house.connect(house.program(f"hear(); record('a')\n{waits}\nrecord('b'); done(2)"))
    run_id = house.start(connection)
    disk.fill()
    with pytest.raises(StorageError, match="full"):
        exhaust(house, connection)
    go.touch()
    house.ended(run_id)
    assert house.shown(run_id).status == "active", "the host reads on"
    house.host.controller.tend()
    assert house.shown(run_id).status == "active", "there is no room yet"
    disk.make_room()
    house.host.controller.tend()
    run = house.shown(run_id)
    assert (run.status, run.terminal_reason) == ("failed", "storage_failed")
    check_laws(house, connection, {})
    assert house.run(connection).status == "completed"


def exhaust(house: House, connection_id: str) -> None:
    """Write until there is no room, in the log that SQLite has already either."""
    for _ in range(10_000):
        with house.host.services.storage.write() as unit:
            unit.mark_dirty(connection_id)
            unit.commit()


def archive(size: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("notes.txt", bytes(size))
    return made.getvalue()


@pytest.mark.parametrize("how", ["bytes", "unpacked", "no room for a folder"])
def test_an_artifact_that_fills_the_disk(
    house: House, disk: Disk, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """An import for which there is no room is refused, nothing of it stays, and it succeeds when there is."""
    monkeypatch.setattr(tempfile, "tempdir", str(disk.place))
    body = archive(6 << 20) if how == "unpacked" else bytes(6 << 20)
    connection = house.connect(house.plays(record("a"), done(1)), method="owner_artifact")
    if how == "no room for a folder":
        disk.fill()
    with pytest.raises(RequestRefused, match="cannot be kept in .*: No space left on device") as refused:
        imported(house, connection, body)
    assert refused.value.code == "storage_failed"
    assert house.leases() == []
    left = [each.name for each in home().iterdir()] if home().exists() else []
    assert [name for name in left if name != ".lock"] == []
    (disk.place / "filler").unlink(missing_ok=True)
    disk.make_room()
    assert house.ended(imported(house, connection, body)).status == "completed"


def imported(house: House, connection: str, body: bytes) -> str:
    """As a server takes an upload in: what fails is aborted."""
    receiving = house.host.imports.begin(connection, ImportWanted("x"))
    try:
        for start in range(0, len(body), 1 << 18):
            receiving.write(body[start : start + (1 << 18)])
        return receiving.finish().run_id
    except BaseException:
        receiving.abort()
        raise


def test_an_import_from_the_shell(disk: Disk, tmp_path: Path) -> None:
    """`pdpp-host import` says in one sentence that there is no room, and ends 3."""
    mail = tmp_path / "mail.mbox"
    mail.write_bytes(b"From a\n\n" + bytes(6 << 20))
    storage = ("--storage", f"sqlite:///{tmp_path / 'host.db'}")
    command = [HOST, "import", str(mail), "--connector", "mailbox", "--account", "me", *storage]
    answer = warm.run(command, tmp_path, environment(TMPDIR=str(disk.place)))
    assert answer.returncode == 3
    assert answer.stderr.count("\n") == 1
    assert "No space left on device" in answer.stderr


@pytest.mark.long
def test_a_file_that_may_not_grow(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A served host whose files may not grow answers on, with typed errors; its run ends by itself."""
    program = tmp_path / "says.py"
    program.write_text(PRELUDE + SAYS)
    with served(f"sqlite:///{tmp_path / 'host.db'}") as host:
        command = [sys.executable, "-S", "-E", str(program)]
        host.ask("POST", "/_ref/connectors", {"manifest": manifest(), "command": command})
        body = {"connector_key": "notes", "count": 2, "stream": "notes", "records": 0}
        first, second = host.ask("POST", "/_stage/connections", body)["ids"]
        limit(host, 1 << 20)
        run = host.ask("POST", f"/_ref/connections/{first}/run")["run_id"]
        with host.client() as client:
            until_full(client, second)
            assert asked(client, "GET", "/_ref/connectors")["data"]
        limit(host, resource.RLIM_INFINITY)
        ended = waited(host, run)
        assert (ended["status"], ended["terminal_reason"]) == ("failed", "storage_failed")
        again = waited(host, host.ask("POST", f"/_ref/connections/{first}/run")["run_id"])
        assert again["status"] == "completed"
        assert host.listed()[first]["retained"]["records"] == RECORDS
    assert "Traceback" not in capfd.readouterr().err


def limit(host: Served, size: int) -> None:
    """Have no file of the host's grow beyond this."""
    resource.prlimit(host.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def until_full(client: httpx.Client, connection: str) -> None:
    """Ask until there is no room, which is told as what it is."""
    ends = time.monotonic() + 30
    headers = {"Authorization": f"Bearer {OWNER}"}
    while True:
        answer = client.patch(
            f"/_ref/connections/{connection}", json={"display_name": LONG[:99]}, headers=headers
        )
        if answer.status_code != 200:
            break
        assert time.monotonic() < ends
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "storage_failed"


def waited(host: Served, run: str) -> dict[str, Any]:
    ends = time.monotonic() + 30
    while (found := host.ask("GET", f"/_ref/runs/{run}"))["status"] == "active":
        assert time.monotonic() < ends
        time.sleep(0.05)
    return dict(found)
