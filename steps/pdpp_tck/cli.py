"""`pdpp-tck`: the conformance kit from the shell."""

from __future__ import annotations

import io
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from pdpp_tck.commands.beginning import init
from pdpp_tck.commands.checking import check
from pdpp_tck.commands.comparing import diff, lock, verify
from pdpp_tck.commands.doctoring import doctor
from pdpp_tck.commands.falsifying import falsify
from pdpp_tck.commands.judging import replay, run
from pdpp_tck.commands.learning import explain, steps
from pdpp_tck.commands.recording import record
from pdpp_tck.commands.refusing import admit
from pdpp_tck.commands.specifying import spec


class _Sorted(TyperGroup):
    """Commands as they are added, the group of commands, which typer has last, before `steps`."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of --help."""
        names = [name for name in super().list_commands(ctx) if name != "spec"]
        at = names.index("steps")
        return [*names[:at], "spec", *names[at:]]


app = typer.Typer(cls=_Sorted, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


@app.callback()
def _root() -> None:
    """Prove a PDPP connector, host or storage right, or say which clause it breaks."""


# The order is that of --help: what is wanted first comes first.
for command in (run, check, explain, doctor, falsify, replay, steps, diff, verify, lock, record, init):
    app.command(command.__name__)(command)
app.add_typer(spec, name="spec")


def main() -> None:
    """Run the command line; no traceback is ever shown."""
    for stream in (sys.stdout, sys.stderr):
        # What subjects and file systems say may be no text of the terminal's.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(args=sys.argv[1:], prog_name="pdpp-tck")
    except Exception as error:
        admit(error)
