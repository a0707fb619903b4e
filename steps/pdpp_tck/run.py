"""One run of the kit: plan, pytest, accounting, report."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pdpp_tck import pytest_plugin
from pdpp_tck.accounting import account
from pdpp_tck.authors.modules import step_modules
from pdpp_tck.execution import Result
from pdpp_tck.features import requirement_of
from pdpp_tck.gate.deciding import decide
from pdpp_tck.gate.judged import of_result
from pdpp_tck.plan import Plan

SUITE = Path(__file__).parent / "suite.py"
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to; `status` is that of the verdicts alone, `miscounted` what the accounting found."""

    plan: Plan
    results: tuple[Result, ...]
    miscounted: tuple[str, ...]
    started_at: datetime
    duration_s: float
    status: int


def carry_out(plan: Plan) -> Outcome:
    """Run the plan's scenarios in a pytest of the kit's own, which nothing of the user's reaches."""
    started_at, began = datetime.now(UTC), time.monotonic()
    said = follow([plan])
    results = tuple(sorted(plan.results, key=_order))
    miscounted = tuple(account(plan, results))
    if miscounted and said:
        miscounted = (*miscounted, f"pytest said: {said[-2000:]}")
    judged = [of_result(result, plan.host) for result in results]
    status = decide(judged, not miscounted, bool(plan.selection)).status
    return Outcome(plan, results, miscounted, started_at, time.monotonic() - began, status)


def follow(plans: Sequence[Plan]) -> str:
    """Run the suite for these plans, isolated from the user's pytest; what it printed comes back."""
    kept = {name: os.environ.pop(name) for name in _FOREIGN if name in os.environ}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    here = str(SUITE.parent)
    arguments = ["-c", str(SUITE.with_suffix(".ini")), "--rootdir", here, "--confcutdir", here]
    # Captured in Python only: forked workers would share a captured descriptor's file and its position.
    arguments += ["--capture=sys"]
    # Without `unraisableexception`, which collects garbage again and again at the end of a session.
    arguments += ["-p", "no:cacheprovider", "-p", "no:unraisableexception"]
    arguments += ["-p", "pytest_bdd.plugin", "-p", "pdpp_tck.pytest_plugin"]
    said, authors = io.StringIO(), step_modules(plans[0].author)
    try:
        with pytest_plugin.using(plans), redirect_stdout(said), redirect_stderr(said):
            if pytest.main([*arguments, str(SUITE)], authors) == pytest.ExitCode.INTERRUPTED:
                # pytest swallows it, and what was judged until then is no run.
                raise KeyboardInterrupt
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(kept)
    return said.getvalue()


def _order(result: Result) -> tuple[str, bool, tuple[str, str, str]]:
    """By requirement, the spec's scenarios before our own, the profile last."""
    scenario = result.cell.scenario
    requirement = requirement_of(scenario.id)
    last = {"profile": "~1", "contract": "~2"}.get(scenario.derived or "", requirement)
    return (last, scenario.derived is not None, result.cell.pair)
