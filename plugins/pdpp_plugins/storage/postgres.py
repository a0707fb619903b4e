"""The PostgreSQL storage plugin: URLs of the form postgresql://user@server/database, as libpq reads them."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy
from sqlalchemy.exc import SQLAlchemyError

from pdpp_host.ports import Databases, Storage, StorageMissing
from pdpp_plugins.storage.errors import MissingExtra, UnusableServer, reason_of
from pdpp_plugins.storage.sql_storage import SqlStorage

if TYPE_CHECKING:
    from sqlalchemy import Connection

hookimpl = pluggy.HookimplMarker("pdpp_host")

SCHEMES = ("postgresql://", "postgres://")
OLDEST = 13
"""The oldest server that may be used: older ones get no corrections any more, and are not tried here."""


@hookimpl
def open_storage(url: str) -> Storage | None:
    """The storage behind a postgresql:// URL, migrated to the newest revision; None for other URLs.

    Raises StorageError where the driver is not installed, the URL cannot be read, the server is out of
    reach, refuses or is too old, and where the database is another program's or a newer version's.
    """
    if not url.startswith(SCHEMES):
        return None
    if find_spec("psycopg") is None:
        raise MissingExtra
    server = _server_of(url)
    storage = PostgresStorage(url)
    try:
        storage.check()
        storage.migrate()
    except SQLAlchemyError as cause:
        storage.close()
        advice = "see that it runs, that the URL is right, and that its user may create tables"
        raise UnusableServer(server, reason_of(cause), advice) from cause
    except BaseException:
        storage.close()
        raise
    return storage


@hookimpl
def provide_databases(storage: str, home: Path) -> Databases | None:
    """Databases on the server of a URL, else of PDPP_POSTGRES_URL, else of a container for the session."""
    if storage != "postgres" and not storage.startswith(SCHEMES):
        return None
    if find_spec("psycopg") is None:
        raise StorageMissing(str(MissingExtra()))
    from pdpp_plugins.storage.postgres_container import started
    from pdpp_plugins.storage.postgres_databases import PLAIN_ROLE, PostgresDatabases

    url = os.environ.get("PDPP_POSTGRES_URL") if storage == "postgres" else storage
    if url:
        _server_of(url)
        return PostgresDatabases(url, open_storage)
    container = started()
    return PostgresDatabases(container.url, open_storage, container.stop, PLAIN_ROLE)


class PostgresStorage(SqlStorage):
    """A database on a server; any number of threads may read and write, writers one after the other."""

    name = "postgres"
    claims = SqlStorage.claims | {"postgres"}

    def __init__(self, url: str) -> None:
        # Here and not above: without the extra this module is loaded all the same.
        from pdpp_plugins.storage.postgres_engines import keeper, reader, writer
        from pdpp_plugins.storage.postgres_spelling import POSTGRES

        self._url, self.version = url, "unknown"
        super().__init__(_server_of(url), writer(url), reader(url), keeper(url), POSTGRES)

    def migrate(self) -> None:
        """Bring the database to the newest revision, however long that takes."""
        from pdpp_plugins.storage.postgres_network import unhurried

        with unhurried():
            super().migrate()

    def check(self) -> None:
        """Ask the server who it is; UnusableServer for one that is too old or keeps no Unicode."""
        with self._reader.connect() as connection:
            self.version = str(_shown(connection, "server_version")).split()[0]
            encoding = _shown(connection, "server_encoding")
        if int(self.version.split(".")[0]) < OLDEST:
            reason = f"it is version {self.version}"
            raise UnusableServer(self.database, reason, f"use version {OLDEST} or a newer one")
        if encoding != "UTF8":
            reason = f"its encoding is {encoding}"
            raise UnusableServer(self.database, reason, "create the database with ENCODING 'UTF8'")


def _shown(connection: Connection, setting: str) -> object:
    return connection.exec_driver_sql(f"SHOW {setting}").scalar()


_WRITE = (
    "write it as postgresql://user:password@server:5432/database, with %2F for / and %40 for @ in a password"
)


def _without_password(told: str, url: str) -> str:
    """A message about a URL, on one line, without what it quotes of the part before the server's name."""
    before = url[: url.rfind("@") + 1]
    quoted = re.sub(
        r'"([^"]*)"', lambda found: "…" if found[1] in before or "@" in found[1] else found[0], told
    )
    return " ".join(quoted.split())


def _server_of(url: str) -> str:
    """The database as errors name it, without the password; UnusableServer for a URL that cannot be read."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise UnusableServer("by that URL", _without_password(str(error), url), _WRITE) from None
    # A `/` or an `@` as it is in a password makes the rest of it server or database.
    if "@" in f"{parts.get('host')}{parts.get('dbname')}":
        raise UnusableServer("by that URL", "there is an @ too many", _WRITE)
    at = f"{parts.get('host') or 'localhost'}:{parts.get('port') or 5432}"
    return f"database {str(parts.get('dbname') or parts.get('user') or '')!r} at {at}"
