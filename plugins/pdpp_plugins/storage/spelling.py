"""What SQL dialects spell differently; all else here is shared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from pdpp_plugins.storage.columns import json_text, storable
from pdpp_plugins.storage.errors import Unstorable
from pdpp_plugins.storage.incoming import Incoming, Replacing
from pdpp_plugins.storage.schema import retained


@dataclass(frozen=True, slots=True)
class Spelling:
    """One dialect's way of putting what has no common one.

    `insert` makes an INSERT that knows ON CONFLICT. The questions take parameters: `page_of_records`
    `connections`, `of_stream`, `after` and `page`; `stored_records` `connection`, `of_stream` and
    `fingerprints`; `streams` `connections`; `record` `fingerprints`, `of_stream` and `id`. `indexes` asks for
    the name of every index and whether it can be used; `size` is the bytes of a record's data.
    `begin_at_once` begins a transaction that writes, and says False where another one is under way.
    `add_records` and `replace_records` do what `putting` says, with the values of `putting.values_of`.
    """

    insert: Callable[[Table], Any]
    page_of_records: Select[Any]
    stored_records: Select[Any]
    streams: Select[Any]
    record: Select[Any]
    indexes: str
    size: ColumnElement[int]
    begin_at_once: Callable[[Connection], bool]
    add_records: Callable[[Connection, dict[str, Any], Sequence[Incoming]], None]
    replace_records: Callable[[Connection, dict[str, Any], Sequence[Replacing]], None]


def put(spelling: Spelling, table: Table) -> Any:
    """Insert a row, or replace the one that has its primary key."""
    statement = spelling.insert(table)
    rest = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)


def keep_first(spelling: Spelling, table: Table) -> Any:
    """Insert a row, or do nothing where one has its primary key."""
    return spelling.insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key))


def add_to_retained(spelling: Spelling) -> Any:
    """Insert what a stream retains, or add to what it does."""
    statement = spelling.insert(retained)
    new = statement.excluded
    sums = {name: retained.c[name] + new[name] for name in ("records", "bytes")}
    sums["last_written_at"] = new.last_written_at
    return statement.on_conflict_do_update(index_elements=list(retained.primary_key), set_=sums)


class _Listed(FunctionElement[Any]):
    """The values in a JSON parameter, a row each."""

    inherit_cache = True


@compiles(_Listed, "sqlite")
def _in_sqlite(element: _Listed, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_Listed, "postgresql")
def _in_postgres(element: _Listed, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS JSON))"


def texts(name: str) -> TableValuedAlias:
    """The texts in parameter `name` (see `listed`) as rows of one column, `value`."""
    return _Listed(bindparam(name)).table_valued("value", name=name)


def among(name: str, kind: type[TypeEngine[Any]] = Text) -> Select[Any]:
    """The texts in parameter `name` (see `listed`), or the numbers in it, for use with IN."""
    value = texts(name).c.value
    return select(value if kind is Text else cast(value, kind))


def listed(values: Collection[str]) -> str:
    """Texts as the parameter that `texts` and `among` read, each once; what cannot be stored is left out."""
    return json_text([text for text in sorted(set(values)) if _is_storable(text)])


def _is_storable(text: str) -> bool:
    with suppress(Unstorable):
        return bool(storable(text) or True)
    return False
