"""Comparing: a report with its evidence, a report with another, the features with a lock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck.assembly import read_requirements
from pdpp_tck.commands.formats import ReportFormat
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.comparing.changes import changes
from pdpp_tck.comparing.telling import as_json, as_markdown, as_text
from pdpp_tck.features import features_root
from pdpp_tck.gate.lock import FILE, Compared, compare, lock_of, read_lock, written
from pdpp_tck.options import UsageError
from pdpp_tck.reports.document import ReportError, hold
from pdpp_tck.reports.place import write_file
from pdpp_tck.reports.writing import read_report
from pdpp_tck.verifying.checking import NO_SIGNATURE
from pdpp_tck.verifying.checking import verify as verified

Features = Annotated[Path | None, typer.Option(help="A folder of features beside the kit's own.")]
_TOLD = {
    ReportFormat.TEXT: as_text,
    ReportFormat.JSON: as_json,
    ReportFormat.MARKDOWN: as_markdown,
}


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A report.json, or its folder.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another, made later.")],
    format: Annotated[ReportFormat, typer.Option(help="What is printed.")] = ReportFormat.TEXT,
) -> None:
    """Tell what changed from one report to another; exit 1 when something became worse."""
    try:
        reports = [read_report(path)[0] for path in (before, after)]
        for path, report in zip((before, after), reports, strict=True):
            _hold(path, report)
    except UsageError as error:
        refuse(str(error))
    found = changes(reports[0], reports[1])
    typer.echo(_TOLD[format](found))
    raise typer.Exit(1 if any(change.what == "regression" for change in found) else 0)


def _hold(path: Path, report: dict[str, object]) -> None:
    try:
        hold(report, features_root())
    except ReportError as error:
        raise UsageError(f"{path}: {error}; name the report.json of a run of this version") from None


def verify(
    report: Annotated[Path, typer.Argument(help="A report.json, or the folder it lies in.")],
    features: Features = None,
) -> None:
    """Judge a report's evidence again, count it, and name what was edited, dropped or added."""
    try:
        made = verified(report, features)
    except UsageError as error:
        refuse(str(error))
    for finding in made.findings:
        typer.echo(f"finding: {finding}")
    for note in made.notes:
        typer.echo(note)
    typer.echo(f"{len(made.findings)} findings" if made.findings else "nothing found")
    typer.echo(NO_SIGNATURE)
    raise typer.Exit(1 if made.findings else 0)


def lock(
    file: Annotated[Path, typer.Argument(help="The lock.")] = FILE,
    update: Annotated[bool, typer.Option("--update", help="Write the lock anew.")] = False,
    features: Features = None,
) -> None:
    """Tell how the scenarios differ from those that were agreed on, or agree to those that are here."""
    try:
        _, scenarios, ledger = read_requirements(features)
        now = lock_of(scenarios, ledger)
        if not update and not file.exists():
            refuse(f"{str(file)!r} is not there; pdpp-tck lock --update writes it")
        # Without the old one there is nothing to compare with; an edited one may be written anew.
        found = compare(read_lock(file), now) if not update else None
        if update:
            write_file(file, written(now))
    except UsageError as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"{str(file)!r} cannot be written: {error.strerror}; name another file")
    if found is None:
        typer.echo(f"{file}: {len(now.scenarios)} scenarios of pdpp-tck {now.kit}, spec {now.spec[:12]}")
        raise typer.Exit(0)
    lines = list(_differences(found))
    typer.echo("\n".join(lines) if lines else f"{file}: the scenarios are those of the lock")
    raise typer.Exit(1 if lines else 0)


def _differences(found: Compared) -> list[str]:
    told = {
        "new since lock": found.new,
        "changed since lock": found.changed,
        "locked and gone": found.gone,
    }
    lines = [f"{what}: {', '.join(names)}" for what, names in told.items() if names]
    lines += ["spec changed since lock"] if found.spec_changed else []
    return [*lines, f"locked with pdpp-tck {found.kit}"] if found.kit else lines
