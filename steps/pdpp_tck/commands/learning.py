"""Learning: `explain` tells what an id stands for, `steps` which sentences there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck import explain as explaining
from pdpp_tck import learning
from pdpp_tck.authors.modules import PACKAGE
from pdpp_tck.commands.formats import ReportFormat
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.lint.sentences import BUDGET
from pdpp_tck.options import UsageError
from pdpp_tck.reports import vocabulary
from pdpp_tck.reports.place import write_file

Features = Annotated[Path | None, typer.Option(help="A folder of features beside the kit's own.")]
_TOLD = {
    ReportFormat.TEXT: vocabulary.as_text,
    ReportFormat.JSON: vocabulary.as_json,
    ReportFormat.MARKDOWN: vocabulary.as_markdown,
}


def explain(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="PR-01, PR-01.1, PR-01.1/T1, CP-03, …")],
    features: Features = None,
) -> None:
    """Tell what an id asks, how the kit sees it, and how a subject may differ."""
    try:
        typer.echo(explaining.explain(identifier, features))
    except UsageError as error:
        refuse(str(error))


def steps(
    text: Annotated[str | None, typer.Argument(help="What a step is to say: the nearest are told.")] = None,
    features: Features = None,
    format: Annotated[ReportFormat, typer.Option(help="What is printed.")] = ReportFormat.TEXT,
    update: Annotated[bool, typer.Option("--update", help="Write the page of all sentences anew.")] = False,
) -> None:
    """List the sentences of scenarios, or those nearest to a text: what they mean and take, who uses them."""
    if text is not None and (update or not text.strip()):
        refuse("--update writes all sentences: leave the text out" if update else "the text is empty")
    try:
        if update:
            file = learning.page_of(features)
            write_file(file, learning.page(features))
            typer.echo(f"{file}: written")
            return
        typer.echo(_told(text, features, format))
    except UsageError as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"{error.filename!r} cannot be written: {error.strerror}")


def _told(text: str | None, features: Path | None, format: ReportFormat) -> str:
    found = learning.told(features, text)
    if format is not ReportFormat.TEXT:
        return _TOLD[format](found)
    if text is None:
        ours = sum(not each.module.startswith(PACKAGE) for each in found)
        theirs = f", and {len(found) - ours} of the folder" if len(found) > ours else ""
        return f"{vocabulary.as_text(found)}\n{ours} sentences of at most {BUDGET}{theirs}"
    what = f"the nearest to {text!r}, best first" if found else f"no sentence is near {text!r}"
    return f"{vocabulary.as_text(found)}\n{what}; without a text all are told".lstrip("\n")
