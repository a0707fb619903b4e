"""Specifying: `spec check|ack|scaffold|coverage`, for those who write what is required."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck.commands.formats import Format, ReportFormat
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.options import UsageError
from pdpp_tck.specifying import acknowledging, checking, covering, scaffolding

spec = typer.Typer(no_args_is_help=True, help="Hold the ledger against an OpenSpec folder, and add to it.")

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder that holds specs/ or changes/.")]
Features = Annotated[Path | None, typer.Option(help="Other features than the kit's own.")]


@spec.command()
def check(
    folder: Folder,
    features: Features = None,
    format: Annotated[ReportFormat, typer.Option(help="What is printed.")] = ReportFormat.TEXT,
) -> None:
    """Tell which clauses are uncovered, stale or orphaned, and what the text says without effect."""
    try:
        checked = checking.check(folder, features)
    except UsageError as error:
        refuse(str(error))
    if format is ReportFormat.JSON:
        typer.echo(json.dumps(checking.as_json(checked), indent=2, ensure_ascii=False))
    else:
        told = checking.as_markdown if format is ReportFormat.MARKDOWN else checking.as_text
        typer.echo(told(checked))
    raise typer.Exit(1 if checked.findings else 0)


@spec.command()
def scaffold(
    folder: Folder,
    change: Annotated[str | None, typer.Option(help="Only what this change brings.")] = None,
    into: Annotated[Path, typer.Option(help="The folder to write, which is not there yet.")] = Path(
        "features-new"
    ),
    features: Features = None,
) -> None:
    """Write rows, features and mutants to be filled in for what the ledger does not have."""
    try:
        made = scaffolding.scaffold(folder, change, into, features)
    except UsageError as error:
        refuse(str(error))
    for file in made.files:
        typer.echo(f"wrote {file}")
    for clause in made.beside:
        typer.echo(scaffolding.by_hand(clause))
    if made.files:
        typer.echo(
            f"next: replace every FILL IN; `python -m pdpp_tck.lint {into}` names the first that is left"
        )
    elif not made.beside:
        typer.echo("nothing is new: every requirement, scenario and clause is in the ledger")


@spec.command()
def coverage(
    features: Features = None,
    format: Annotated[Format, typer.Option(help="What is printed.")] = Format.TEXT,
) -> None:
    """Tell of each clause which scenarios judge it, and which mutants and variants prove that."""
    try:
        covered = covering.coverage_at(features)
    except UsageError as error:
        refuse(str(error))
    document = covering.as_json(covered)
    as_json = format is Format.JSON
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False) if as_json else covering.as_text(covered))
    raise typer.Exit(1 if any(covering.open_clauses(covered)) else 0)


@spec.command()
def ack(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="What `spec check` calls stale or renamed.")],
    reason: Annotated[str, typer.Option(help="Why what is judged is right for the new text.")],
    folder: Annotated[
        Path, typer.Option("--spec", envvar="PDPP_SPEC", help="The folder that holds specs/ or changes/.")
    ] = Path(),
    features: Features = None,
) -> None:
    """Accept what the specification says now: write it into the ledger, and keep the reason beside it."""
    try:
        today = datetime.now(UTC).date()
        changes, file = acknowledging.acknowledge(ids, folder, features, reason, today)
    except UsageError as error:
        refuse(str(error))
    for change in changes:
        typer.echo(f"{change.id}: {change.field} is {change.now!r}, was {change.was!r}")
    typer.echo(f"the reason is kept in {file}")
