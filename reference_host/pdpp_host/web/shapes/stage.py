"""The bodies of the stage, but for its part for summaries."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from pdpp_host.domain.declared_rules import DeclaredRule


class StateBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/state`: cursors to commit for a path, as if a run had."""

    connection_id: str
    state: dict[str, dict[str, Any]]
    path: int = 0


class StageShown(Struct, frozen=True):
    """Which operations this stage has."""

    operations: tuple[str, ...]


class StatePut(Struct, frozen=True):
    """Cursors that are committed now."""

    connection_id: str
    path: int
    streams: tuple[str, ...]


class SpineBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/spine`: how many events, of runs of how many sources."""

    events: Annotated[int, Meta(ge=1, le=1_000_000)]
    sources: Annotated[int, Meta(ge=1, le=10_000)] = 100


class SpineFilled(Struct, frozen=True):
    """Events that are in the spine now."""

    events: int


class SchemaBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/schema`: look only, or first lose `index`, age by a revision, or start."""

    do: Literal["look", "lose", "age", "start"]
    index: str = ""


class RulesBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /_stage/rules`: a rule to install as it is declared, or one to remove by name."""

    install: DeclaredRule | None = None
    remove: str | None = None


class IndexShown(Struct, frozen=True):
    """An index as the database has it; `where` is the predicate of a partial one."""

    table: str
    name: str
    columns: tuple[str, ...]
    where: str | None
    usable: bool


class SchemaShown(Struct, frozen=True):
    """The schema as it is, and how a source's runs would be grouped: by which indexes, reading what whole."""

    revision: str | None
    indexes: tuple[IndexShown, ...]
    grouped_by: tuple[str, ...]
    scanned: tuple[str, ...]
