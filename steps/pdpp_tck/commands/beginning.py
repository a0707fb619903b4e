"""Beginning: `init` writes the pdpp-tck.toml of the connector that it finds."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck.beginning import NothingFound, look, written
from pdpp_tck.beginning.writing import DRIVERS
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.plugins import PluginError, load_plugins, source_drivers
from pdpp_tck.settings import NAME


def init(
    command: Annotated[list[str] | None, typer.Argument(help="What starts the connector, after --.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="Its manifest, where several are here.")] = None,
    source_driver: Annotated[
        str, typer.Option(help="What makes its sources: files, http, command, an installed one, or none.")
    ] = "files",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a commented pdpp-tck.toml for the connector of this folder."""
    file = Path(NAME)
    if file.exists() and not force:
        refuse(f"{NAME} is there already; edit it, or write it anew with --force")
    _check(source_driver)
    try:
        found = look(Path(), manifest, tuple(command or ()) or _asked())
    except NothingFound as error:
        refuse(str(error))
    try:
        file.write_text(written(found, source_driver), encoding="utf-8")
    except OSError as error:
        refuse(f"{NAME} cannot be written: {error.strerror}")
    typer.echo(f"wrote {NAME}: {shlex.join(found.command)}, manifest {found.path}, source {source_driver}")
    typer.echo("next: see that [source] makes what the connector reads, then `pdpp-tck run`")


def _check(driver: str) -> None:
    try:
        known = [*DRIVERS, *source_drivers(load_plugins())]
    except PluginError as error:
        refuse(str(error))
    if driver not in known:
        refuse(f"--source-driver {driver}: unknown; known are {', '.join(dict.fromkeys(known))}")


def _asked() -> tuple[str, ...]:
    """The command as a person at a terminal gives it; nothing where nobody is there or asks to guess."""
    if not sys.stdin.isatty():
        return ()
    said: str = typer.prompt("What starts the connector? (empty: guess)", default="", show_default=False)
    return tuple(shlex.split(said))
