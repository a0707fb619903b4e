"""Doctoring: what is installed here, and whether a connector's adapter is alive at all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck import adapter, installation
from pdpp_tck.commands.refusing import refuse
from pdpp_tck.options import Options, UsageError


def doctor(
    command: Annotated[list[str] | None, typer.Argument(help="A connector to start once, after --.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="The manifest of the connector after --.")] = None,
    source_driver: Annotated[str | None, typer.Option(help="What arranges the connector's source.")] = None,
    report: Annotated[Path | None, typer.Option(help="Where evidence goes; reports/ if not named.")] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="Load this module as a plugin too.")] = None,
) -> None:
    """Tell what is installed and what would be not_run; with a command, whether that adapter is alive."""
    plugins = tuple(plugin or ())
    if command:
        options = Options(
            command=tuple(command),
            manifest=manifest,
            source_driver=source_driver,
            report=report,
            plugins=plugins,
        )
        try:
            examined = adapter.examine(options)
        except UsageError as error:
            refuse(str(error))
        typer.echo("\n".join(examined.told()))
        raise typer.Exit(0 if examined.sound else 1)
    for name, given in (("--manifest", manifest), ("--source-driver", source_driver), ("--report", report)):
        if given is not None:
            refuse(f"{name} is for a command to start: give the command after --, or leave it out")
    found = installation.examine(plugins)
    typer.echo("\n".join(found.told()))
    raise typer.Exit(1 if found.findings else 0)
