from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from pdpp_plugins.storage import sql_storage
from pdpp_plugins.storage.sqlite_template import Template

from .builders import a_connection, execute, opened, select


def test_a_new_database_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the template is there a new database needs no migration."""
    with opened(tmp_path / "first.db"):
        pass
    monkeypatch.setattr(sql_storage, "upgrade", lambda connection: pytest.fail("a migration ran"))
    with opened(tmp_path / "second.db") as storage, storage.read() as view:
        assert view.connections() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.db", "second.db"]


def test_the_template_is_made_once(tmp_path: Path) -> None:
    """Threads that want the first copy at the same time wait for one template."""
    made: list[Path] = []

    def make(file: Path) -> None:
        made.append(file)
        file.write_bytes(b"empty")

    template, ready = Template(make), Barrier(4)

    def copy(n: int) -> bytes:
        ready.wait()
        template.copy_to(tmp_path / f"{n}.db")
        return (tmp_path / f"{n}.db").read_bytes()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(copy, range(4))) == [b"empty"] * 4
    assert len(made) == 1
    assert not made[0].parent.exists()


def test_a_copy_never_replaces_a_file(tmp_path: Path) -> None:
    """A file that came into being in the meantime stays, and no scrap of the copy is left."""
    target = tmp_path / "host.db"
    target.write_bytes(b"the other one's")
    Template(Path.touch).copy_to(target)
    assert target.read_bytes() == b"the other one's"
    assert list(tmp_path.iterdir()) == [target]


def test_a_database_is_its_owners_alone(file: Path) -> None:
    """Nobody but its owner may read a database that was made new."""
    with opened(file):
        assert file.stat().st_mode & 0o777 == 0o600


def test_where_no_copy_can_be_made_the_tables_are(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without hard links a new database is migrated in place."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    with opened(file) as storage, storage.read() as view:
        assert view.connections() == []
    assert list(file.parent.iterdir()) == [file]


def test_the_log_of_a_deleted_database_is_not_replayed(file: Path) -> None:
    """A database whose file was deleted but not its log starts empty, not as a mixture."""
    with opened(file) as storage:
        with storage.write() as unit:
            unit.add_connection(a_connection())
            unit.commit()
        log = Path(f"{file}-wal").read_bytes()
    assert log
    file.unlink()
    Path(f"{file}-wal").write_bytes(log)
    with opened(file) as storage, storage.read() as view:
        assert view.connections() == []
    assert select(file, "PRAGMA integrity_check") == ["ok"]


def test_threads_may_open_the_same_new_file_at_once(tmp_path: Path) -> None:
    """Whoever comes second works on the file of whoever came first."""
    ready = Barrier(4)

    def host(n: int) -> None:
        for file in range(10):
            ready.wait()
            with opened(tmp_path / f"{file}.db") as storage, storage.write() as unit:
                unit.add_connection(a_connection(f"con-{n}"))
                unit.commit()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(host, range(4)))
    for file in range(10):
        assert select(tmp_path / f"{file}.db", "SELECT count(*) FROM connections") == [4]


_HOST = """
import sys
from datetime import UTC, datetime
from pdpp_host.domain.entities import Connection
from pdpp_plugins.storage.sqlite import open_storage
print("ready", flush=True)
sys.stdin.readline()
for n in range(10):
    storage = open_storage(f"sqlite:///{sys.argv[1]}/{n}.db")
    with storage.write() as unit:
        unit.add_connection(Connection(sys.argv[2], "folder", "x", datetime.now(UTC)))
        unit.commit()
    storage.close()
"""


@pytest.mark.parametrize("beforehand", ["no file", "empty file"])
def test_processes_may_open_the_same_new_file_at_once(tmp_path: Path, beforehand: str) -> None:
    """Two hosts that start at once on one new file share it, and both keep what they wrote."""
    if beforehand == "empty file":
        for file in range(10):
            (tmp_path / f"{file}.db").touch()
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    hosts = [
        subprocess.Popen(
            [sys.executable, "-c", _HOST, str(tmp_path), name],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("con-a", "con-b")
    ]
    for host in hosts:
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n"
    for host in hosts:
        assert host.stdin is not None
        host.stdin.write("go\n")
        host.stdin.flush()
    for host in hosts:
        _, errors = host.communicate(timeout=60)
        assert (host.returncode, errors) == (0, "")
    for file in range(10):
        wrote = select(tmp_path / f"{file}.db", "SELECT connection_id FROM connections ORDER BY 1")
        assert wrote == ["con-a", "con-b"]


def test_a_copy_is_a_database_like_any_other(file: Path) -> None:
    """A copy may be written to by others too, and keeps its write-ahead log."""
    with opened(file):
        pass
    execute(
        file, "INSERT INTO connections VALUES ('con-1', 'folder', 'x', '2026-05-01T10:00:00+00:00', 0, NULL)"
    )
    assert select(file, "PRAGMA journal_mode") == ["wal"]
