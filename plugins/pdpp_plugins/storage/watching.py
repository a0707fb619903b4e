"""Watching a driver: how many statements it executes, and how many rows they write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event

_READING = ("SELECT", "WITH", "EXPLAIN", "PRAGMA", "SHOW")
_LOCKS = "pg_advisory_xact_lock", "pg_try_advisory_xact_lock"


def watch(engine: Engine, count: Callable[..., None]) -> None:
    """Call `count(reads=…)` or `count(writes=…, rows_written=…)` for each statement that was executed."""

    @event.listens_for(engine, "after_cursor_execute")
    def executed(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        said = statement.lstrip().upper()
        if said.startswith("BEGIN") or any(lock in statement for lock in _LOCKS):
            return
        if said.startswith(_READING):
            count(reads=1)
        else:
            count(writes=1, rows_written=max(cursor.rowcount, 0))
