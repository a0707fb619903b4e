"""Recording: `record` makes the transcript that `check` judges."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck.commands.refusing import refuse
from pdpp_tck.features import features_root
from pdpp_tck.manifest import read_manifest
from pdpp_tck.options import UsageError
from pdpp_tck.recording import Recording, started_by
from pdpp_tck.recording import record as make


def record(
    command: Annotated[list[str], typer.Argument(help="The connector to start, after --.")],
    output: Annotated[Path, typer.Option(help="The transcript to write.")] = Path("transcript.jsonl"),
    manifest: Annotated[Path | None, typer.Option(help="Send a START for all streams of this one.")] = None,
    root: Annotated[Path | None, typer.Option(help="The folder that START gives the connector.")] = None,
    state: Annotated[Path | None, typer.Option(help="START's cursors: JSON, stream to cursor.")] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long it may take.")] = 120.0,
) -> None:
    """Run a connector once and write what crossed its pipes, without secrets.

    Without --manifest stdin and stdout go through, so this can stand before a connector's command anywhere.
    """
    if shutil.which(command[0]) is None:
        refuse(f"the command {command[0]!r} is not there or cannot be executed")
    for name, given in (("--root", root), ("--state", state)):
        if given is not None and manifest is None:
            refuse(f"{name} is for a START that the kit sends: give --manifest, or leave it out")
    where = {"root": str(root.resolve())} if root else {}
    try:
        start = None
        if manifest is not None:
            declared = read_manifest(manifest, features_root() / "schemas" / "manifest.json")
            start = started_by(declared, where, state)
        status = make(Recording(tuple(command), start, where, seconds), output)
    except UsageError as error:
        refuse(str(error))
    if status is None:
        typer.echo(f"pdpp-tck: ended after {seconds:g} s; {output} has no exit line", err=True)
        raise typer.Exit(1)
    typer.echo(f"pdpp-tck: wrote {output}; judge it with: pdpp-tck check {output}", err=True)
    raise typer.Exit(status)
