"""Empty databases on a PostgreSQL server, each a copy of one that was migrated once."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from pdpp_host.ports import Storage
from pdpp_plugins.storage.errors import UnusableServer

PLAIN_ROLE = "pdpp_host"
"""Owns the databases of a server that is ours alone, as a host's own role would: no superuser."""
_CONNECT = 10  # seconds in which the server must answer


class PostgresDatabases:
    """Databases on the server of `url`, made beside the one that it names and dropped in the end.

    `open_storage` migrates; `stop` ends the server when all is over. With an `owner` a role of that name is
    made, which may do nothing but own the databases, and the URLs that are given are its own.
    """

    def __init__(
        self,
        url: str,
        open_storage: Callable[[str], Storage | None],
        stop: Callable[[], None] = lambda: None,
        owner: str | None = None,
    ) -> None:
        self._url, self._open_storage, self._stop = url, open_storage, stop
        self._owner, self._password = owner, uuid4().hex
        self._lock = Lock()
        self._template: str | None = None
        self._made: set[str] = set()
        self._process = os.getpid()
        try:
            self._connection = self._connected()
            if owner is not None:
                made = SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
                self._do(made.format(Identifier(owner), Literal(self._password)))
        except BaseException:
            stop()
            raise

    def fresh(self) -> str:
        """The URL of a new database, migrated and empty."""
        with self._lock:
            if self._template is None:
                template = self._create("template")
                storage = self._open_storage(self._with_database(template))
                assert storage is not None
                storage.close()
                self._template = template
            return self._with_database(self._create("db", self._template))

    def drop(self, url: str) -> None:
        """Drop a database that `fresh` gave, whoever is connected to it."""
        with self._lock:
            self._drop(urlsplit(url).path.removeprefix("/"))

    def close(self) -> None:
        """Drop all of them, the template too, and end the server that was started."""
        try:
            with self._lock:
                for name in list(self._made):
                    self._drop(name)
                self._connection.close()
        finally:
            self._stop()

    def _connected(self) -> psycopg.Connection[Any]:
        try:
            return psycopg.connect(self._url, autocommit=True, connect_timeout=_CONNECT)
        except psycopg.Error as error:
            told, advice = " ".join(str(error).split()), "see that it runs and that the URL is right"
            raise UnusableServer("by that URL", told, advice) from None

    def _create(self, kind: str, template: str | None = None) -> str:
        name = f"pdpp_{kind}_{uuid4().hex}"
        # template0, so that a server with any encoding gives a database with ours.
        source = Identifier(template or "template0")
        encoding = SQL("") if template else SQL(" ENCODING 'UTF8'")
        owner = SQL(" OWNER {}").format(Identifier(self._owner)) if self._owner else SQL("")
        self._do(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), source) + encoding + owner)
        self._made.add(name)
        return name

    def _drop(self, name: str) -> None:
        # A server that has gone takes its databases with it, or keeps them whatever is tried here.
        with suppress(UnusableServer):
            self._do(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        self._made.discard(name)

    def _do(self, statement: Composed) -> None:
        # A forked process leaves its parent's connection alone and has one of its own.
        if self._connection.closed or self._process != os.getpid():
            self._connection, self._process = self._connected(), os.getpid()
        try:
            self._connection.execute(statement)
        except psycopg.Error as error:
            told = error.diag.message_primary or type(error).__name__
            advice = "name a server whose user may create databases (ALTER ROLE … CREATEDB)"
            raise UnusableServer("by that URL", told, advice) from None

    def _with_database(self, name: str) -> str:
        parts = urlsplit(self._url)
        if self._owner is not None:
            parts = parts._replace(netloc=f"{self._owner}:{self._password}@{parts.netloc.rpartition('@')[2]}")
        return _database_of(parts, name)


def _database_of(parts: SplitResult, name: str) -> str:
    kept = [(key, value) for key, value in parse_qsl(parts.query) if key != "dbname"]
    return urlunsplit(parts._replace(path=f"/{name}", query=urlencode(kept)))
