"""What a database holds and how it would answer, told the same way of every dialect."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Executable,
    Integer,
    SmallInteger,
    bindparam,
    func,
    inspect,
    select,
)
from sqlalchemy.types import TypeEngine

from pdpp_host.sql_port import ColumnShape, IndexShape, Plan, Question, TableShape
from pdpp_plugins.storage import summarising
from pdpp_plugins.storage.questions import BATCHES_OF, EVENTS, EVIDENCE
from pdpp_plugins.storage.schema import SUCCEEDED, metadata, runs, spine_events
from pdpp_plugins.storage.spelling import Spelling

_GIVEN = {"connections": '["con-7"]', "fingerprints": "[7]", "connection": "con-7", "id": "x", "run": "run-7"}
_GIVEN_NUMBERS = {
    "of_stream": "messages",
    "after": 0,
    "page": 10,
    "kind": "connection",
    "source": "con-7",
    "digest": "d",
}

_events = spine_events.c
SOURCE_RUNS = (
    select(_events.run_id, func.max(_events.occurred_at).label("last"))
    .where(
        _events.source_kind == bindparam("kind"),
        _events.source_id == bindparam("source"),
        _events.run_id.is_not(None),
    )
    .group_by(_events.run_id)
)
_RUNS_OF = summarising.RUNS.where(runs.c.connection_id == bindparam("connection")).limit(20)
_TIMELINE = EVENTS.where(_events.run_id == bindparam("run"))


def tables_of(connection: Connection, spelling: Spelling) -> list[TableShape]:
    """The tables of the schema that are there, as they are."""
    usable = {name: bool(can) for name, can in connection.exec_driver_sql(spelling.indexes)}
    there = set(inspect(connection).get_table_names())
    return [_table(connection, name, usable) for name in sorted(metadata.tables) if name in there]


def _table(connection: Connection, name: str, usable: dict[str, bool]) -> TableShape:
    seen = inspect(connection)
    columns = [ColumnShape(c["name"], _kind(c["type"]), c["nullable"]) for c in seen.get_columns(name)]
    indexes = [
        IndexShape(u["name"] or "", tuple(u["column_names"]), unique=True)
        for u in seen.get_unique_constraints(name)
    ]
    for found in seen.get_indexes(name):
        if not found.get("duplicates_constraint"):
            where = found.get("dialect_options", {}).get(f"{connection.dialect.name}_where")
            named = str(found["name"])
            parts = tuple(str(column) for column in found["column_names"])
            shape = IndexShape(named, parts, bool(found["unique"]), _bare(where), usable[named])
            indexes.append(shape)
    return TableShape(
        name,
        tuple(sorted(columns, key=lambda column: column.name)),
        tuple(seen.get_pk_constraint(name)["constrained_columns"]),
        tuple(sorted(indexes, key=lambda index: index.name)),
    )


def _kind(type_: TypeEngine[Any]) -> Literal["text", "integer", "boolean"]:
    if isinstance(type_, Boolean):
        return "boolean"
    return "integer" if isinstance(type_, Integer | BigInteger | SmallInteger) else "text"


def _bare(where: object) -> str | None:
    """A predicate as PostgreSQL puts it, without the parentheses and types that it adds."""
    if where is None:
        return None
    bare = re.sub(r"[()]|::\w+", "", str(where)).strip()
    return re.sub(r"(\w+) = 0", r"NOT \1", bare)


def plan_of(connection: Connection, spelling: Spelling, question: Question) -> Plan:
    """How the database would answer; `connection` must be allowed to analyse its tables."""
    own: dict[str, Executable] = {
        "timeline": _TIMELINE,
        "source_runs": SOURCE_RUNS,
        "evidence": EVIDENCE,
        "batches_of": BATCHES_OF,
        "summary_rows": summarising.ROWS,
        "retained": summarising.RETAINED,
        "runs_of": _RUNS_OF,
        "successes_of": _RUNS_OF.where(SUCCEEDED),
    }
    asked: Any = own.get(question) if question in own else getattr(spelling, question)
    connection.exec_driver_sql("ANALYZE")
    compiled = asked.compile(connection, compile_kwargs={"render_postcompile": True})
    given = {**compiled.params, **_GIVEN, **_GIVEN_NUMBERS}
    if connection.dialect.name == "sqlite":
        values = tuple(given[name] for name in compiled.positiontup or ())
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values).all()
        return _told_by_sqlite([str(step[-1]) for step in steps])
    explained = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", given).scalar()
    nodes = _nodes(json.loads(explained) if isinstance(explained, str) else explained)
    return Plan(
        frozenset(node["Index Name"] for node in nodes if "Index Name" in node),
        frozenset(node["Relation Name"] for node in nodes if node.get("Node Type") == "Seq Scan"),
    )


def _told_by_sqlite(steps: list[str]) -> Plan:
    used = [found[1] for step in steps if (found := re.search(r"USING (?:COVERING )?INDEX (\w+)", step))]
    scanned = [found[1] for step in steps if (found := re.match(r"SCAN (\w+)\b(?! VIRTUAL)", step))]
    tables = {"candidate": "records"}
    return Plan(
        frozenset(used),
        frozenset(tables.get(name, name) for name in scanned),
    )


def _nodes(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, list):
        return [node for each in part for node in _nodes(each)]
    if isinstance(part, dict):
        return [part, *(node for each in part.values() for node in _nodes(each))]
    return []
