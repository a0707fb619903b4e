from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from pdpp_host.domain.entities import Counts
from pdpp_host.ports import Databases, StorageError, StorageMissing
from pdpp_plugins.storage import postgres
from pdpp_plugins.storage.errors import MissingExtra, Refused, UnusableServer
from pdpp_plugins.storage.postgres_spelling import COPY_FROM

from .builders import a_connection, delete, keys, opened, read, upsert, write


def test_other_urls_are_left_to_others() -> None:
    """A URL of another scheme is somebody else's, and so is another name."""
    assert postgres.open_storage("sqlite:///x.db") is None
    assert postgres.provide_databases("sqlite", Path()) is None


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where psycopg is not installed a PostgreSQL URL is refused with what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"pip install 'pdpp-tck\[postgres\]'"):
        postgres.open_storage("postgresql://nobody@127.0.0.1/x")
    with pytest.raises(StorageMissing, match=r"pip install 'pdpp-tck\[postgres\]'"):
        postgres.provide_databases("postgres", Path())


def test_the_plugin_loads_without_the_extra() -> None:
    """Host and SQLite do not need psycopg, and do not even import it where it is installed."""
    program = (
        "import sys; from pdpp_host.plugins import load_plugins; load_plugins();"
        "sys.exit(any(name in sys.modules for name in ('psycopg', 'testcontainers', 'docker')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://x:secret@127.0.0.1:1/y", r"database 'y' at 127\.0\.0\.1:1 cannot be used: .*refused"),
        ("postgresql://x:secret@/y?wrong=1", r"by that URL cannot be used: .*wrong"),
        ("postgresql://x:secret@[::1]y/z", r"by that URL cannot be used: unexpected character"),
        ("postgresql://x:secret%zz@y/z", r"by that URL cannot be used: invalid percent-encoded token: …"),
        ("postgresql://x:a/secret@y/z", r"by that URL cannot be used: there is an @ too many"),
        ("postgresql://x:a@secret@y/z", r"by that URL cannot be used: there is an @ too many"),
    ],
)
def test_a_server_that_cannot_be_used_is_named(url: str, told: str, tmp_path: Path) -> None:
    """A server out of reach and a URL that cannot be read are told in one line, without the password."""
    with pytest.raises(UnusableServer, match=told) as caught:
        postgres.open_storage(url)
    assert "secret" not in str(caught.value)
    if "by that URL" in told:
        with pytest.raises(UnusableServer, match=told) as caught:
            postgres.provide_databases(url, tmp_path)
        assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_refused_password_is_told(postgres_url: str) -> None:
    """A server that refuses the user says so in its own words."""
    parts = urlsplit(postgres_url)
    wrong = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":wrong@")).geturl()
    with pytest.raises(UnusableServer, match="password authentication failed"):
        postgres.open_storage(wrong)


def test_a_server_that_is_too_old_is_refused(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server older than the oldest that is tried is refused with both versions."""
    monkeypatch.setattr(postgres, "OLDEST", 999)
    with pytest.raises(UnusableServer, match=r"it is version 1\d.*; use version 999 or a newer one"):
        postgres.open_storage(postgres_url)


def test_a_database_of_another_encoding_is_refused(postgres_url: str) -> None:
    """A database that cannot hold every text is refused before anything is made in it."""
    other = urlsplit(postgres_url).path.strip("/") + "_latin"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {other} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
        try:
            with pytest.raises(UnusableServer, match="its encoding is LATIN1; create the database with"):
                postgres.open_storage(urlsplit(postgres_url)._replace(path=f"/{other}").geturl())
        finally:
            connection.execute(f"DROP DATABASE {other} WITH (FORCE)")


def test_connections_that_the_server_ended_are_made_again(postgres_url: str) -> None:
    """After the server has ended every connection, as a restart does, the same storage goes on."""
    with opened(postgres_url) as storage:
        write(storage, upsert("1"))
        read(storage)
        _end_connections(postgres_url)
        write(storage, upsert("2"))
        _end_connections(postgres_url)
        assert keys(read(storage)) == ["1", "2"]


def test_a_transaction_whose_connection_ends_is_a_storage_error(postgres_url: str) -> None:
    """A connection that is lost in the middle of a unit loses the unit, and says so as any refusal."""
    with opened(postgres_url) as storage:
        with storage.write() as unit:
            unit.add_connection(a_connection())
            _end_connections(postgres_url)
            with pytest.raises(Refused, match="terminating connection"):
                unit.commit()
        with storage.read() as view:
            assert view.connections() == []


def test_many_records_go_by_copy(postgres_url: str) -> None:
    """Beyond the size from which COPY is used every kind of write still does what it does below it."""
    odd = 'tab\t, "quote", back\\slash, \\N, 🙂\r\n'
    with opened(postgres_url) as storage:
        many = [upsert(f"{n} {odd}", text=odd) for n in range(COPY_FROM)]
        assert write(storage, *many) == Counts(accepted=COPY_FROM)
        assert [(found.key, found.data["text"]) for found in read(storage, limit=1)] == [(f"0 {odd}", odd)]
        with storage.write() as unit:
            assert unit.streams(["con-1"]) == [("messages", "con-1", COPY_FROM)]
        again = [upsert(f"{n} {odd}", text=f"again {odd}") for n in range(COPY_FROM)]
        assert write(storage, *again) == Counts(accepted=COPY_FROM, updated=COPY_FROM)
        assert read(storage, limit=1)[0].data["text"] == f"again {odd}"
        assert keys(read(storage, limit=3)) == [f"{n} {odd}" for n in range(3)]
        gone = [delete(f"{n} {odd}") for n in range(COPY_FROM)]
        assert write(storage, *gone) == Counts(deleted=COPY_FROM)
        assert read(storage) == []


def test_a_refused_copy_shows_nothing_of_a_record(postgres_url: str) -> None:
    """An error on the way of COPY repeats nothing of what was copied."""
    with opened(postgres_url) as storage:
        with psycopg.connect(postgres_url) as connection:
            connection.execute("ALTER TABLE records ADD CONSTRAINT short CHECK (length(data) < 10)")
        with pytest.raises(Refused) as caught:
            write(storage, *(upsert(str(n), note="secret") for n in range(COPY_FROM)))
        assert "secret" not in f"{caught.value} {caught.value.__cause__}"


def test_no_question_is_compiled(postgres_url: str) -> None:
    """For a table without statistics the server would, at thirty milliseconds a batch."""
    with opened(postgres_url) as storage:
        with storage.write() as unit:
            assert unit._connection.exec_driver_sql("SHOW jit").scalar() == "off"
        with storage.read() as view:
            assert view._connection.exec_driver_sql("SHOW jit").scalar() == "off"


def test_what_was_acknowledged_is_waited_for(postgres_url: str) -> None:
    """A server that would answer before it has written is told to write first."""
    name = urlsplit(postgres_url).path.strip("/")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with opened(postgres_url) as storage, storage.write() as unit:
        assert unit._connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_databases_are_dropped_in_the_end(server: Databases | str, postgres_url: str, tmp_path: Path) -> None:
    """Databases on a server that was named go when the session does, the template too, open or not."""
    databases = postgres.provide_databases(postgres_url, tmp_path)
    assert databases is not None
    with psycopg.connect(postgres_url) as connection:
        asked = "SELECT datname FROM pg_database ORDER BY 1"
        before = connection.execute(asked).fetchall()
        connection.commit()
        first, second = databases.fresh(), databases.fresh()
        with opened(first) as storage:
            write(storage, upsert("1"))
            databases.drop(second)
            databases.close()
            with pytest.raises(StorageError):
                read(storage)
        assert connection.execute(asked).fetchall() == before


def _end_connections(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
