"""The kit inside pytest: loaded by name, never by an entry point of pytest's own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from typing import Any

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from pdpp_tck.assembly import assemble
from pdpp_tck.contract import judge_contract
from pdpp_tck.execution import Execution, Result
from pdpp_tck.features import requirement_of
from pdpp_tck.options import Options
from pdpp_tck.plan import Cell, Plan
from pdpp_tck.verdict import Verdict
from pdpp_tck.workers import side_by_side

pytest_plugins = [
    # The others import this one, and pytest wants to be told of a module before it is imported.
    "pdpp_tck.vocabulary.sources",
    "pdpp_tck.vocabulary.acquisitions",
    "pdpp_tck.vocabulary.bounds",
    "pdpp_tck.vocabulary.costs",
    "pdpp_tck.vocabulary.diagnostics",
    "pdpp_tck.vocabulary.flights",
    "pdpp_tck.vocabulary.instances",
    "pdpp_tck.vocabulary.profile",
    "pdpp_tck.vocabulary.readers",
    "pdpp_tck.vocabulary.records",
    "pdpp_tck.vocabulary.runs",
    "pdpp_tck.vocabulary.schemas",
    "pdpp_tck.vocabulary.scopes",
    "pdpp_tck.vocabulary.summaries",
]

_EXECUTION = pytest.StashKey[Execution]()
_used: list[Sequence[Plan]] = []
_plain: list[Plan] = []

Judged = tuple[Plan, Cell]


@contextmanager
def using(plans: Sequence[Plan]) -> Iterator[None]:
    """Make these the plans of the pytest session that runs meanwhile; all are of the same features."""
    _used.append(plans)
    try:
        yield
    finally:
        _used.pop()


def active_plans() -> Sequence[Plan]:
    """The plans in use; plain pytest in a checkout gets that of `pdpp-tck run` without arguments."""
    if _used:
        return _used[-1]
    if not _plain:
        _plain.append(assemble(Options()))
    return _plain


def pytest_sessionfinish(session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
    """The storage by itself is judged while what was opened for the scenarios is open still.

    A session that was interrupted comes here too, and judges nothing more.
    """
    if exitstatus == pytest.ExitCode.INTERRUPTED:
        return
    for plan in _used[-1] if _used else _plain:
        judge_contract(plan)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close what plain pytest opened."""
    while _plain and not _used:
        _plain.pop().close()


@pytest.hookimpl(tryfirst=True)
def pytest_bdd_apply_tag(tag: str, function: Callable[..., object]) -> object:
    """Keep tags out of pytest's marks: ours carry dots and slashes."""
    return True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each subject on which a scenario is judged."""
    template = scenario_wrapper_template_registry.get(metafunc.function)
    if template is None or metafunc.module.__name__ != "pdpp_tck.suite":
        return
    judged: list[Judged | None] = [
        (plan, cell)
        for plan in active_plans()
        for scenario in plan.scenarios
        if str(scenario.path) == template.feature.filename and scenario.line == template.line_number
        for cell in plan.cells(scenario)
    ]
    judged = judged or [None]
    metafunc.fixturenames.append("execution")
    labels = [each[1].label if each else "not selected" for each in judged]
    metafunc.parametrize("execution", judged, indirect=True, ids=labels)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what no plan asks for, and let `-k PR-01.1` find the rest."""
    kept: list[pytest.Item] = []
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec is not None and callspec.params.get("execution", item) is None:
            continue
        judged = _judged_by(item)
        if judged is not None:
            identifier = judged[1].scenario.id
            item.extra_keyword_matches.update({identifier, requirement_of(identifier)})
        kept.append(item)
    items[:] = sorted(kept, key=_reads_others)


def _judged_by(item: pytest.Item) -> Judged | None:
    """The plan and the cell of an item of the suite; None for any other test."""
    callspec = getattr(item, "callspec", None)
    judged = callspec.params.get("execution") if callspec else None
    return judged if isinstance(judged, tuple) and isinstance(judged[0], Plan) else None


def _reads_others(item: pytest.Item) -> int:
    """Rules of the profile read what others left, so they come last, those with runs of their own first."""
    judged = _judged_by(item)
    if judged is None or judged[1].scenario.derived != "profile":
        return 0
    return 1 if any(step.kind == "when" for step in judged[1].scenario.steps) else 2


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Judge in several processes where the plans want it, what reads others' evidence after those others."""
    workers = min((plan.workers for plan in _used[-1]), default=1) if _used else 1
    # A thread that is not forked may hold a lock that is: beside others nothing is forked.
    if workers < 2 or len(session.items) < 2 or threading.active_count() > 1:
        return None
    for _, group in groupby(session.items, _reads_others):
        items = list(group)
        judged = [each for item in items if (each := _judged_by(item))]
        assert len(judged) == len(items), "the suite holds nothing but scenarios"
        cells = [cell for _, cell in judged]
        for index, result in side_by_side(cells, partial(_judge, judged, items), workers):
            judged[index][0].take(result)
    return True


def _judge(judged: list[Judged], items: list[pytest.Item], index: int) -> list[Result]:
    """In a worker: follow one item, and say what it left in its plan."""
    item, results = items[index], judged[index][0].results
    before = len(results)
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return results[before:]


@pytest.fixture
def execution(request: pytest.FixtureRequest) -> Iterator[Execution]:
    """The execution of one cell, its door open."""
    plan, cell = request.param
    execution = Execution(plan, cell)
    over = execution.passed_over()
    if over is not None:
        plan.take(over)
        pytest.skip(f"{over.verdict}: {over.reason}")
    try:
        execution.__enter__()
    except Exception as error:
        plan.take(execution.unset(error))
        raise
    request.node.stash[_EXECUTION] = execution
    try:
        yield execution
    finally:
        execution.__exit__(None, None, None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Take the result down whatever became of the steps, and let pytest know of a bad one."""
    try:
        outcome = yield
    finally:
        # The fixture is set up by the first step, so it is looked for only now.
        execution = item.stash.get(_EXECUTION, None)
        if execution is not None:
            execution.plan.take(execution.result())
    if execution is not None and execution.plan.results[-1].verdict != Verdict.PASSED:
        result = execution.plan.results[-1]
        if result.verdict == Verdict.NOT_APPLICABLE:
            pytest.skip(f"{result.verdict}: {result.reason}")
        pytest.fail(f"{result.verdict}: {result.reason}", pytrace=False)
    return outcome


def pytest_bdd_before_step(request: pytest.FixtureRequest, step: Any) -> None:
    """Tell the execution which step, and so which clauses, come next."""
    request.getfixturevalue("execution").begin(step.line_number)


def pytest_bdd_after_step(request: pytest.FixtureRequest, step: Any) -> None:
    """Tell the execution that the step is over."""
    request.getfixturevalue("execution").end(step.line_number)


def pytest_bdd_step_error(request: pytest.FixtureRequest, step: Any, exception: BaseException) -> None:
    """An error in a step is the kit's fault and says so in every clause."""
    request.getfixturevalue("execution").end(step.line_number, exception)
