"""The two PostgreSQL engines of a database: one connection that writes, a bounded number that only read."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from pdpp_plugins.storage.compiled import POSTGRES, SHARED, Alike
from pdpp_plugins.storage.postgres_network import connected
from pdpp_plugins.storage.postgres_spelling import WRITERS

PATIENCE = 60  # seconds that a writer waits for another one, and a reader for a free connection
IDLE_WRITER, IDLE_READER = 30, 120
"""Seconds after which the server ends a transaction of whose host it hears nothing: a writer's sooner than
others lose their patience with it, a reader's later than a stage lets go of a look."""

# One for each thread that answers requests, so that two hosts fit a server as it comes (100 connections).
_READERS_KEPT, _READERS_MORE = 8, 32


class Postgres(Alike, PGDialect_psycopg):
    """PostgreSQL's own, by psycopg."""

    supports_statement_cache = True


def writer(url: str) -> Engine:
    """The engine that writes; whoever writes to the database, in any process, waits for its lock.

    Positions of records and events are read in order by people who come back for more: if two writers
    could commit in another order than they took positions, a reader would pass over what came late.
    """
    engine = _engine(url, IDLE_WRITER, pool_size=1, max_overflow=0, isolation_level="READ COMMITTED")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")

    return engine


def keeper(url: str) -> Engine:
    """The engine for what may be left unwritten: whoever uses it never waits for the writers' lock."""
    return _engine(
        url, IDLE_WRITER, pool_size=1, max_overflow=0, isolation_level="READ COMMITTED", pool_timeout=0.01
    )


def reader(url: str) -> Engine:
    """The engine that reads: each transaction one snapshot, which cannot write and waits for nobody."""
    engine = _engine(
        url,
        IDLE_READER,
        pool_size=_READERS_KEPT,
        max_overflow=_READERS_MORE,
        isolation_level="REPEATABLE READ",
    )
    return engine.execution_options(postgresql_readonly=True)


def _engine(url: str, idle: int, **more: Any) -> Engine:
    database = conninfo_to_dict(url).get("dbname")
    engine = create_engine(
        # The driver reads the URL itself, as everything else does that speaks to PostgreSQL.
        URL.create(POSTGRES, database=str(database) if database else None),
        creator=lambda: connected(url),
        execution_options=SHARED,
        pool_pre_ping=True,  # so that a server may be restarted
        pool_timeout=more.pop("pool_timeout", PATIENCE),
        hide_parameters=True,
        **more,
    )
    _prepare(engine, idle)
    return engine


def _prepare(engine: Engine, idle: int) -> None:
    @event.listens_for(engine, "connect")
    def ready(connection: psycopg.Connection[Any], _: object) -> None:
        # What was acknowledged must be on disk, so a server that does not wait for it is told to. A plan is
        # made anew each time: one that was kept from when a table was small is a catastrophe later. None is
        # compiled: questions are short, and of a table that the server knows nothing of it expects the worst.
        connection.execute(
            f"SELECT set_config('lock_timeout', '{PATIENCE}s', false),"
            f" set_config('idle_in_transaction_session_timeout', '{idle}s', false),"
            " set_config('plan_cache_mode', 'force_custom_plan', false), set_config('jit', 'off', false),"
            " set_config('synchronous_commit',"
            " CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
            " ELSE current_setting('synchronous_commit') END, false)"
        )
        connection.commit()

    @event.listens_for(engine, "handle_error")
    def failed(context: ExceptionContext) -> None:
        """Take the details out of an error: they repeat the row that was refused."""
        error = context.original_exception
        if isinstance(error, psycopg.Error) and error.diag.message_primary:
            error.args = (error.diag.message_primary,)
            if isinstance(context.sqlalchemy_exception, DBAPIError):
                told = f"({type(error).__name__}) {error.diag.message_primary}"
                context.sqlalchemy_exception.args = (told,)
