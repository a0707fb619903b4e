"""Judging: `run` asks subjects, `replay` reads what was recorded."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pdpp_tck.assembly import assemble
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.options import Options, UsageError
from pdpp_tck.plan import Plan
from pdpp_tck.replay import replay_plan
from pdpp_tck.reports.document import document
from pdpp_tck.reports.progress import watched
from pdpp_tck.run import carry_out
from pdpp_tck.workers import usable_cores


class Format(StrEnum):
    """How a result is printed."""

    TEXT = "text"
    JSON = "json"


def _judge(plan: Plan, format: Format) -> NoReturn:
    """Carry a plan out, print what came of it, and end with its status."""
    try:
        with watched(plan) as listening:
            outcome = carry_out(listening)
    finally:
        plan.close()
    made = document(outcome)
    if format is Format.JSON:
        typer.echo(json.dumps(made, indent=2, ensure_ascii=False))
    else:
        # What draws tables takes longer to import than most of the rest.
        from pdpp_tck.reports.table import print_table

        print_table(outcome)
    raise typer.Exit(outcome.status)


def _names(part: str) -> list[str]:
    """The ids in a comma list."""
    return [name.strip() for name in part.split(",") if name.strip()]


def run(
    command: Annotated[list[str] | None, typer.Argument(help="A connector to judge, after --.")] = None,
    connector: Annotated[list[str] | None, typer.Option(help="An installed connector to judge.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="The manifest of the connector after --.")] = None,
    claim: Annotated[list[str] | None, typer.Option(help="A capability that the connector has.")] = None,
    source_driver: Annotated[str | None, typer.Option(help="What arranges the connector's source.")] = None,
    host: Annotated[str, typer.Option(help="The host: reference, or a URL to judge.")] = "reference",
    storage: Annotated[
        str | None, typer.Option(help="Judge this storage too: sqlite, postgres or a URL.")
    ] = None,
    select: Annotated[list[str] | None, typer.Option(help="Ids to judge, as PR-01,PR-03.2.")] = None,
    advice: Annotated[bool, typer.Option("--advice", help="Judge a stranger on advice too.")] = False,
    features: Annotated[Path | None, typer.Option(help="Other features than the kit's own.")] = None,
    report: Annotated[Path | None, typer.Option(help="Where evidence goes; reports/ if not named.")] = None,
    format: Annotated[Format, typer.Option(help="What is printed.")] = Format.TEXT,
    seed: Annotated[int | None, typer.Option(help="Repeat a run's chances.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Scenarios judged at once; as many as cores if not named.")
    ] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="Load this module as a plugin too.")] = None,
) -> None:
    """Judge connectors, the reference host and its storage; exit 0 when all conform."""
    if select is not None and not all(map(_names, select)):
        refuse("--select names nothing: give ids, as --select PR-01,PR-03.2, or leave it out")
    options = Options(
        connectors=tuple(connector or ()),
        command=tuple(command or ()),
        manifest=manifest,
        claims=frozenset(claim or ()),
        source_driver=source_driver,
        host=host,
        storage=storage,
        selection=frozenset(name for part in select or () for name in _names(part)),
        advice=advice,
        features=features,
        report=report,
        seed=seed,
        plugins=tuple(plugin or ()),
        workers=workers or usable_cores(),
    )
    try:
        plan = assemble(options)
    except UsageError as error:
        refuse(str(error))
    _judge(plan, format)


def replay(
    evidence: Annotated[list[Path], typer.Argument(help="Evidence files, or folders that hold some.")],
    features: Annotated[Path | None, typer.Option(help="Other features than the kit's own.")] = None,
    format: Annotated[Format, typer.Option(help="What is printed.")] = Format.TEXT,
) -> None:
    """Judge recorded evidence again without running anything."""
    try:
        plan = replay_plan(evidence, features)
    except UsageError as error:
        refuse(str(error))
    _judge(plan, format)
