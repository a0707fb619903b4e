"""Counting: what was written, what was collected, what was reported, each exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pdpp_tck.execution import Result
from pdpp_tck.plan import Plan


def account(plan: Plan, results: Iterable[Result]) -> list[str]:
    """Every disagreement between what the ledger obliges and what was reported; none when it adds up."""
    due, given = Counter(plan.obliged()), Counter(result.cell.pair for result in results)
    lost = [f"{_told(pair)} was not reported" for pair in due - given]
    extra = [f"{_told(pair)} was reported {given[pair]} times and is due {due[pair]}" for pair in given - due]
    return sorted(lost + extra)


def _told(pair: tuple[str, str, str]) -> str:
    identifier, kind, name = pair
    return f"{identifier} for the {kind} {name!r}"
