"""Checking: `check` judges what was recorded, `record` makes a recording."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pdpp_tck.assembly import read_requirements
from pdpp_tck.checking import Checked, Unreadable, check_files
from pdpp_tck.checking.sightings import KEPT
from pdpp_tck.checking.telling import told
from pdpp_tck.commands.formats import Format
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.ledger import Ledger
from pdpp_tck.manifest import read_manifest
from pdpp_tck.options import UsageError


def check(
    files: Annotated[list[Path], typer.Argument(help="Transcripts, or captures of a connector's stdout.")],
    manifest: Annotated[Path | None, typer.Option(help="The connector's manifest.")] = None,
    features: Annotated[Path | None, typer.Option(help="A folder of features beside the kit's own.")] = None,
    format: Annotated[Format, typer.Option(help="What is printed.")] = Format.TEXT,
) -> None:
    """Judge recorded transcripts in order without running anything, and mark the first offending line."""
    try:
        root, _, ledger = read_requirements(features)
        declared = read_manifest(manifest, root / "schemas" / "manifest.json") if manifest else None
        checked = check_files(files, declared)
    except (UsageError, Unreadable) as error:
        refuse(str(error))
    if format is Format.JSON:
        typer.echo(json.dumps(_document(checked, ledger, len(files) > 1), indent=2, ensure_ascii=False))
    else:
        typer.echo("\n".join(told(checked, ledger, len(files) > 1)))
    for rule, count in sorted(checked.counts.items()):
        if count > KEPT:
            typer.echo(f"{rule}: the first {KEPT} of {count} breaches are told", err=True)
    raise typer.Exit(checked.status(ledger))


def _document(checked: Checked, ledger: Ledger, several: bool) -> dict[str, Any]:
    """`file` stands beside each line where several files were given."""
    verdicts = []
    for clause, verdict, first, reason in checked.verdicts(ledger):
        entry: dict[str, Any] = {"clause": clause.id, "verdict": verdict.value}
        if first is not None:
            entry |= {"line": first.breach.n} | ({"file": str(first.file)} if several else {})
        verdicts.append(entry | ({"reason": reason} if reason else {}))
    violations = [
        {"line": each.breach.n, "rule": each.breach.rule, "message": each.breach.what}
        | ({"file": str(each.file)} if several else {})
        for each in checked.violations
    ]
    return {"verdicts": verdicts, "violations": violations}
