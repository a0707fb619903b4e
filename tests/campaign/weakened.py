"""Each Then in turn is made to judge nothing: falsify must name every clause that it judged.

`python tests/campaign/weakened.py [PR-01 …]` tries the Thens of these requirements, or all, and ends 1
when one could be emptied without anybody noticing.
"""

from __future__ import annotations

import inspect
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_bdd.steps import StepFunctionContext

from pdpp_tck.assembly import read_requirements
from pdpp_tck.falsify.campaign import falsify
from pdpp_tck.falsify.declared import Mutant
from pdpp_tck.falsify.outcome import Outcome
from pdpp_tck.features import CONTROL, Scenario, requirement_of
from pdpp_tck.ledger import Ledger
from pdpp_tck.lint.sentences import sentences
from pdpp_tck.options import Options
from pdpp_tck.workers import usable_cores


def nothing(**_: Any) -> None:
    """A Then that judges nothing."""


@contextmanager
def emptied(context: StepFunctionContext) -> Iterator[None]:
    """The Then without its body, for a while."""
    function: Any = inspect.unwrap(context.step_func)
    (cell,) = (c for c in context.step_func.__closure__ or () if c.cell_contents is function)
    cell.cell_contents = nothing
    try:
        yield
    finally:
        cell.cell_contents = function


def judged(context: StepFunctionContext, scenarios: list[Scenario], ledger: Ledger) -> set[tuple[str, str]]:
    """The clauses that oblige and that a Then judges, each with the place where it does."""
    return {
        (f"{scenario.id}/{short}", f"{scenario.path.name}:{step.line}")
        for scenario in scenarios
        for step in scenario.steps
        if step.kind == "then" and context.parser.is_matching(step.text)
        for short in step.judges
        if short != CONTROL and ledger.clause(f"{scenario.id}/{short}").level != "MAY"
    }


def unnoticed(
    context: StepFunctionContext, clauses: set[tuple[str, str]], ledger: Ledger, folder: Path
) -> list[str]:
    """The clauses that nobody misses when this Then is empty."""
    options = Options(
        storage="sqlite",
        selection=frozenset(clause.rpartition("/")[0] for clause, _ in clauses),
        report=folder,
        workers=usable_cores(),
    )
    with emptied(context):
        found = falsify(options, ())
    applying = {
        ledger.observation(each.declared.breaks).id
        for each in found.made
        if isinstance(each.declared, Mutant) and each.outcome != Outcome.NOT_APPLICABLE
    }
    return [
        f"{clause} at {place}"
        for clause, place in sorted(clauses)
        # What applies on another storage is missed there.
        if ledger.observation(clause).id in applying
        and not any(gap.startswith(f"{clause}: ") and place in gap for gap in found.gaps)
    ]


def main(wanted: set[str]) -> int:
    """Try all, and tell each."""
    _, scenarios, ledger = read_requirements(None)
    wrong = 0
    for context in sorted((s for s in sentences() if s.type == "then"), key=lambda s: str(s.parser.name)):
        clauses = judged(context, scenarios, ledger)
        if not clauses or (wanted and not wanted & {requirement_of(clause) for clause, _ in clauses}):
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            missed = unnoticed(context, clauses, ledger, Path(folder))
        wrong += bool(missed)
        told = f"empty, and nobody misses {', '.join(missed)}" if missed else "missed"
        print(f"{told}: {context.parser.name} ({time.monotonic() - began:.0f} s)", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(set(sys.argv[1:])))
