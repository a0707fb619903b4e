"""Progress on stderr, for a person at a terminal and nobody else."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pdpp_tck.plan import Plan


@contextmanager
def watched(plan: Plan) -> Iterator[Plan]:
    """The plan, telling a terminal on stderr how far it is; elsewhere the plan as it is."""
    if not sys.stderr.isatty():
        yield plan
        return
    # Most runs have no terminal, and this takes longer to import than what they need.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    # pytest takes stderr away while it runs, so progress keeps a descriptor of its own.
    with os.fdopen(os.dup(2), "w", encoding="utf-8") as terminal:
        console = Console(file=terminal, force_terminal=True)
        columns = (BarColumn(bar_width=20), MofNCompleteColumn(), TextColumn("{task.description}"))
        # Without a thread that draws: scenarios are judged in processes forked from this one.
        with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
            total = len(plan.obliged())
            task = progress.add_task("starting", total=total)

            def listen(result: Any) -> None:
                identifier, _, subject = result.cell.pair
                told = f"{identifier} {subject} {result.verdict}"
                progress.update(task, advance=1, description=told, refresh=True)

            yield dataclasses.replace(plan, listener=listen)
