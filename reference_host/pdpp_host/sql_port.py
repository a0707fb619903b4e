"""What a SQL storage shows of itself beside the storage port, so that schemas and plans can be compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from msgspec import Struct

from pdpp_host.ports import Storage

Question = Literal[
    "page_of_records",
    "stored_records",
    "record",
    "streams",
    "timeline",
    "source_runs",
    "evidence",
    "batches_of",
    "summary_rows",
    "retained",
    "runs_of",
    "successes_of",
]


class ColumnShape(Struct, frozen=True):
    """A column; its kind is the same on every database."""

    name: str
    kind: Literal["text", "integer", "boolean"]
    nullable: bool


class IndexShape(Struct, frozen=True):
    """An index as it is in the database; `where` is the predicate of a partial one, without parentheses."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    where: str | None = None
    usable: bool = True


class TableShape(Struct, frozen=True):
    """A table, its columns by name and its indexes by name; that of the primary key is left out."""

    name: str
    columns: tuple[ColumnShape, ...]
    key: tuple[str, ...]
    indexes: tuple[IndexShape, ...]


class Plan(Struct, frozen=True):
    """How a database would answer: indexes that it would use, tables that it would read to the end."""

    indexes: frozenset[str]
    scanned: frozenset[str]


class SqlStorage(Storage, Protocol):
    """A storage whose `claims` hold `sql_schema`, and `postgres` where it is PostgreSQL."""

    claims: frozenset[str]

    def tables(self) -> list[TableShape]:
        """The host's tables as they are, by name, without that of the migrations."""

    def plan(self, question: Question) -> Plan:
        """How the database would answer a question of the host's now, with statistics that are fresh."""

    def drop_index(self, name: str) -> None:
        """Lose an index, as an accident would."""

    def create(self, definition: str) -> None:
        """Make an index by hand: what follows CREATE, which may begin with INDEX CONCURRENTLY."""

    def observe(self, count: Callable[..., None]) -> None:
        """From now on call `count` with `reads`, `writes`, `rows_read`, `rows_written` as they happen."""

    def revision(self) -> str | None:
        """The revision of the schema that the database is at."""

    def step_back(self) -> None:
        """Make the database one of the first revision; rows stay, but for what it had no place for."""

    def migrate(self) -> None:
        """What a host does when it starts: bring the database to head, and make anew what it has lost."""
