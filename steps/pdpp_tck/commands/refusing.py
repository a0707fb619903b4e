"""How every command refuses: one sentence on stderr, and status 2."""

from __future__ import annotations

from typing import NoReturn

import typer


def refuse(message: str) -> NoReturn:
    """End with status 2 and what to do."""
    typer.echo(f"pdpp-tck: {message}", err=True)
    raise typer.Exit(2) from None
