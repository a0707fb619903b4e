"""`pdpp-host rebuild`: everything that summaries are made from, made anew."""

from __future__ import annotations

from typing import Annotated

import typer

from pdpp_host.cli.opening import STORAGE, Plugins, StorageUrl, composed, refuse
from pdpp_host.readmodel.rebuilding import rebuild as rebuilt


def rebuild(
    connection: Annotated[str | None, typer.Option(help="Only this connection.")] = None,
    storage: StorageUrl = STORAGE,
    plugin: Plugins = None,
) -> None:
    """Count and fold anew what is maintained of connections, and tell what differed."""
    host = composed(storage, plugin)
    try:
        with host.services.storage.read() as view:
            if connection is not None and view.connection(connection) is None:
                refuse(f"there is no connection {connection!r}")
        found = 0
        for difference in rebuilt(host.services, connection):
            found += 1
            typer.echo(f"{difference.connection_id}: {difference.part} differed")
            typer.echo(f"  kept     {difference.kept!r:.300}")
            typer.echo(f"  rebuilt  {difference.rebuilt!r:.300}")
    finally:
        host.close()
    typer.echo(f"{found} differences" if found else "nothing differed")
