"""The stage: the back door by which a conformance kit sets a scene, under a token of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import msgspec

from pdpp_host.domain.entities import InstalledRule, LinkProof, SpineEvent
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.runtime.identity import link
from pdpp_host.sql_port import SqlStorage
from pdpp_host.web import scenes
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.rules import listed
from pdpp_host.web.shapes.configuring import RuleList
from pdpp_host.web.shapes.stage import (
    IndexShown,
    RulesBody,
    SchemaBody,
    SchemaShown,
    SpineBody,
    SpineFilled,
    StageShown,
    StateBody,
    StatePut,
)

SPINE_BATCH = 5000


def show_stage(call: Call) -> StageShown:
    """Which operations this stage has."""
    every = (*OPERATIONS, *scenes.OPERATIONS)
    return StageShown(tuple(sorted(each.path.removeprefix("/_stage/") for each in every if each.wants)))


def put_state(call: Call) -> StatePut:
    """Commit cursors for a path of a connection."""
    body: StateBody = call.typed(StateBody)
    services = call.host.services
    with services.storage.write() as unit:
        if body.path not in {path.ordinal for path in unit.paths(body.connection_id)}:
            raise RequestRefused("not_found", f"no path {body.path} of connection {body.connection_id!r}")
        unit.put_stream_state(body.connection_id, body.path, body.state, None, services.clock.now())
        unit.commit()
    return StatePut(body.connection_id, body.path, tuple(sorted(body.state)))


def fill_spine(call: Call) -> SpineFilled:
    """Append events to the spine: runs of many sources, every fifth event without a run."""
    body: SpineBody = call.typed(SpineBody)
    services = call.host.services
    now = services.clock.now()
    for first in range(0, body.events, SPINE_BATCH):
        numbers = range(first, min(first + SPINE_BATCH, body.events))
        with services.storage.write() as unit:
            unit.append([_event(n, body.sources, now) for n in numbers])
            unit.commit()
    return SpineFilled(body.events)


def _event(number: int, sources: int, now: datetime) -> SpineEvent:
    source = f"staged-{number % sources}"
    run = None if number % 5 == 0 else f"run-{source}-{number // (20 * sources)}"
    return SpineEvent("connection", source, run, now + timedelta(seconds=number), "state_staged")


def change_rules(call: Call) -> RuleList:
    """Install an identity rule that is told in data, or remove one."""
    body: RulesBody = call.typed(RulesBody)
    services = call.host.services
    with services.storage.write() as unit:
        if body.remove is not None:
            unit.remove_rule(body.remove)
        made: tuple[LinkProof, ...] = ()
        if body.install is not None:
            declared = msgspec.to_builtins(body.install)
            unit.install_rule(InstalledRule(body.install.name, services.clock.now(), declared))
            made = tuple(link(services, unit))
        answer = listed(services, unit, made)
        unit.commit()
    return answer


def change_schema(call: Call) -> SchemaShown:
    """Show the schema, after losing an index, ageing it by a revision, or starting as a host does."""
    body: SchemaBody = call.typed(SchemaBody)
    storage = call.host.services.storage
    if "sql_schema" not in getattr(storage, "claims", ()):
        raise RequestRefused("not_supported", f"the storage {storage.name!r} shows no schema")
    sql = cast(SqlStorage, storage)
    if body.do == "lose":
        sql.drop_index(body.index)
    elif body.do == "age":
        sql.step_back()
    elif body.do == "start":
        sql.migrate()
    plan = sql.plan("source_runs")
    indexes = tuple(
        IndexShown(table.name, index.name, index.columns, index.where, index.usable)
        for table in sql.tables()
        for index in table.indexes
    )
    return SchemaShown(sql.revision(), indexes, tuple(sorted(plan.indexes)), tuple(sorted(plan.scanned)))


OPERATIONS = (
    Operation("/_stage", "GET", "stage", show_stage, StageShown),
    Operation(
        "/_stage/rules",
        "POST",
        "stage",
        change_rules,
        RuleList,
        wants=RulesBody,
        refuses=("identity_rule_missing", "identity_rule_broken"),
    ),
    Operation(
        "/_stage/schema",
        "POST",
        "stage",
        change_schema,
        SchemaShown,
        wants=SchemaBody,
        refuses=("not_supported",),
    ),
    Operation("/_stage/spine", "POST", "stage", fill_spine, SpineFilled, wants=SpineBody),
    Operation("/_stage/state", "POST", "stage", put_state, StatePut, wants=StateBody, refuses=("not_found",)),
)
