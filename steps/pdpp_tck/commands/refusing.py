"""How every command ends early: what it refuses in one sentence, and what is its own fault in one line."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import typer


def refuse(message: str) -> NoReturn:
    """End with status 2 and what to do."""
    typer.echo(f"pdpp-tck: {message}", err=True)
    raise typer.Exit(2) from None


def interrupted(kept: str) -> NoReturn:
    """End with status 130, as a shell tells an interrupted command, and what is left of its work."""
    typer.echo(f"pdpp-tck: interrupted; {kept}", err=True)
    raise typer.Exit(130) from None


def admit(error: Exception) -> NoReturn:
    """End with status 3: what was not foreseen is the kit's fault, and a file tells what happened."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__}: {error}".partition("\n")[0]
    told = f"pdpp-tck: this is the kit's own fault: {said} ({Path(where.filename).name}, line {where.lineno})"
    file = _kept("".join(traceback.format_exception(error)))
    told += f"; report it with {file}, which tells what happened" if file else "; report it with this line"
    with suppress(OSError):
        typer.echo(told, err=True)
    sys.exit(3)


def _kept(text: str) -> str | None:
    """The name of a fresh file with the text; None where none can be written."""
    with suppress(OSError):
        descriptor, name = tempfile.mkstemp(prefix="pdpp-tck-fault-", suffix=".txt")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return name
    return None
