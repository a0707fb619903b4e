"""What the commands of `pdpp-host` have alike: where everything is kept, and how one refuses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import pluggy
import typer

from pdpp_host.compose import Host, compose, open_storage
from pdpp_host.plugins import PluginError, load_plugins
from pdpp_host.ports import Storage, StorageError

FAULT = 3
STORAGE = "sqlite:///pdpp.db"
StorageUrl = Annotated[str, typer.Option("--storage", help="Where to keep everything.")]
Plugins = Annotated[list[str] | None, typer.Option("--plugin", help="Load this module as a plugin too.")]


def opened(storage: str, plugins: Sequence[str] | None) -> tuple[pluggy.PluginManager, Storage]:
    """The plugins, and the storage that one of them opens; exit 2 where that cannot be."""
    try:
        manager = load_plugins(plugins or ())
        return manager, open_storage(manager, storage)
    except (PluginError, StorageError) as error:
        refuse(str(error))


def composed(storage: str, plugins: Sequence[str] | None, *, staged: bool = False) -> Host:
    """A host on that storage; exit 2 where that cannot be."""
    manager, own = opened(storage, plugins)
    try:
        return compose(manager, own, staged=staged)
    except (PluginError, StorageError) as error:
        own.close()
        refuse(str(error))


def refuse(message: str, status: int = 2) -> NoReturn:
    """End with a sentence on stderr."""
    clear()
    typer.echo(f"pdpp-host: {message}", err=True)
    raise typer.Exit(status)


def progress(told: str) -> None:
    """One line that replaces the one before, for a person at a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{told}")
        sys.stderr.flush()


def clear() -> None:
    """Take the line of progress away."""
    progress("")
