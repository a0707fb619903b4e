"""What all engines of a process have compiled: a statement once for a dialect, and not once for a database.

Compiling costs more than asking. A host that opens a database, looks and closes it, as the kit has one do
for every scenario, spent a third of its time on it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(500)
SHARED = {"compiled_cache": _COMPILED}
"""Options of an engine whose dialect is one of these."""

SQLITE, POSTGRES = "sqlite+pdpp", "postgresql+pdpp"
"""How an engine's URL begins that has such a dialect."""


class Alike:
    """A dialect that equals any other of its kind that speaks to the same version of a server."""

    supports_statement_cache = True
    server_version_info: Any

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._speaks_to() == other._speaks_to()

    def __hash__(self) -> int:
        return hash(type(self))

    def _speaks_to(self) -> Any:
        # Not known before the first connection, when nothing is compiled yet.
        return getattr(self, "server_version_info", None)


class Sqlite(Alike, SQLiteDialect_pysqlite):
    """SQLite's own."""

    supports_statement_cache = True


registry.register(SQLITE.replace("+", "."), __name__, "Sqlite")
registry.register(POSTGRES.replace("+", "."), "pdpp_plugins.storage.postgres_engines", "Postgres")
