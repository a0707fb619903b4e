"""The two SQLite engines of a database file: one connection that writes, many that only read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event

from pdpp_plugins.storage.compiled import SHARED, SQLITE

PATIENCE = 60  # seconds that a writer waits for another one


# Fingerprints are random: a batch touches pages all over their index, and with the defaults (pages of 4 KB, a
# cache of 2 MB, a log of 4 MB) it would spill them early and copy the same ones again and again. A file that
# is there already keeps the pages that it has.
_WRITER_PRAGMAS = (
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -32000",
    "PRAGMA wal_autocheckpoint = 4000",
)


def writer(file: Path) -> Engine:
    """The engine that writes; its one connection is the lock that writers of this process wait for."""
    engine = _engine(file, pool_size=1, max_overflow=0)
    # IMMEDIATE: a transaction that reads first and writes later would find its snapshot overtaken.
    _prepare(engine, "BEGIN IMMEDIATE", *_WRITER_PRAGMAS)
    return engine


def keeper(file: Path) -> Engine:
    """The engine for what may be left unwritten: it fails where another transaction writes."""
    engine = _engine(file, pool_size=1, max_overflow=0, patience=0)
    _prepare(engine, "BEGIN IMMEDIATE", *_WRITER_PRAGMAS)
    return engine


def reader(file: Path) -> Engine:
    """The engine that reads; its connections cannot write, and wait for nobody."""
    engine = _engine(file, pool_size=8, max_overflow=-1)
    _prepare(engine, "BEGIN DEFERRED", "PRAGMA query_only = ON")
    return engine


def _engine(file: Path, pool_size: int, max_overflow: int, patience: float = PATIENCE) -> Engine:
    return create_engine(
        URL.create(SQLITE, database=str(file)),
        execution_options=SHARED,
        # No isolation level: left to itself the driver begins late, and updates get lost.
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": patience},
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=patience or 0.01,
        hide_parameters=True,
    )


def _prepare(engine: Engine, begin: str, *pragmas: str) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        for pragma in pragmas:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
