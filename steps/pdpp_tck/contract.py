"""The storage contract in a run: what the storage that is judged brings along, as scenarios of their own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pdpp_tck.execution import Result, StepResult
from pdpp_tck.features import Scenario
from pdpp_tck.ledger import Clause, Ledger, Requirement
from pdpp_tck.ledger import Scenario as Entry
from pdpp_tck.plan import Cell, Plan
from pdpp_tck.subject import ContractTest
from pdpp_tck.verdict import ClauseVerdict, Verdict

TITLE = "The storage contract: what the reference host relies on"
_TAGS = frozenset({"storage", "contract"})
_SAID = 600


def with_contract(ledger: Ledger, tests: Sequence[ContractTest]) -> Ledger:
    """The ledger with an entry for each test, so that accounting misses what was not judged."""
    if not tests:
        return ledger
    entries = tuple(_entry(test) for test in tests)
    return replace(ledger, contract=Requirement("ST", TITLE, "", "", (), (), entries))


def judge_contract(plan: Plan) -> None:
    """Run every selected test of the contract and take its result down."""
    if not plan.storage_is_subject or plan.recorded is not None:
        return
    for test in plan.host.contract if plan.ledger.contract else ():
        if plan.selected(_id(test)):
            plan.take(_result(plan, test))


def _entry(test: ContractTest) -> Entry:
    clause = Clause(f"{_id(test)}/T1", "SHALL", ("storage",), "storage", test.says)
    sends, freedom = "Calls of the storage port, on a database of its own.", "What the port leaves open."
    return Entry(_id(test), test.name.replace("-", " "), (clause,), "contract", sends, freedom)


def _result(plan: Plan, test: ContractTest) -> Result:
    began = time.monotonic()
    verdict, reason = _held(plan, test)
    took = round(time.monotonic() - began, 6)
    clause = ClauseVerdict(f"{_id(test)}/T1", "SHALL", verdict, reason)
    scenario = Scenario(Path(), 0, test.name, _TAGS | {_id(test)}, (), "")
    step = StepResult("Then", test.says, verdict.value if reason else "passed", took)
    told = f"{clause.id}: {reason}" if reason else None
    return Result(Cell(scenario, None), verdict, told, (clause,), (step,), took, None)


def _held(plan: Plan, test: ContractTest) -> tuple[Verdict, str | None]:
    if plan.host.missing is not None:
        return Verdict.NOT_RUN, plan.host.missing
    try:
        test.run()
    except Exception as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())
        return Verdict.FAILED, told[:_SAID]
    return Verdict.PASSED, None


def _id(test: ContractTest) -> str:
    return f"ST-{test.name}"
