"""Learning: `explain` tells what an id stands for, `steps` which sentences there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck import explain as explaining
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.options import UsageError
from pdpp_tck.reports import vocabulary

Features = Annotated[Path | None, typer.Option(help="Other features than the kit's own.")]


def explain(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="PR-01, PR-01.1, PR-01.1/T1, CP-03, …")],
    features: Features = None,
) -> None:
    """Tell what an id asks, how the kit sees it, and how a subject may differ."""
    try:
        typer.echo(explaining.explain(identifier, features))
    except UsageError as error:
        refuse(str(error))


def steps(features: Features = None) -> None:
    """List the sentences in which scenarios are written, with what they mean and where they are used."""
    try:
        typer.echo(vocabulary.told(features))
    except UsageError as error:
        refuse(str(error))
