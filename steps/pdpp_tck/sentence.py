"""Given, when and then: the kit's own, so that each kind of step can only do its part."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest_bdd
from pytest_bdd import parsers

from pdpp_tck.evidence.owing import Owed

if TYPE_CHECKING:
    from pdpp_tck.execution import Execution

Function = Callable[..., None]


def given(text: str) -> Callable[[Function], Function]:
    """A Given: `def _(scene, …)`, with the step's own arguments and `datatable` as keywords."""
    return _acting(pytest_bdd.given, text, "scene", lambda execution: execution.scene)


def when(text: str) -> Callable[[Function], Function]:
    """A When: `def _(ask, …)`."""
    return _acting(pytest_bdd.when, text, "ask", lambda execution: execution.asking)


def then(text: str) -> Callable[[Function], Function]:
    """A Then: `def _(evidence, judge, …)`; what it cannot judge is recorded and the next one goes on."""

    def decorate(function: Function) -> Function:
        def judged(execution: Execution, **arguments: Any) -> None:
            try:
                execution.judge.cut, execution.judge.unfed = execution.cut(), execution.unfed()
                function(evidence=execution.evidence, judge=execution.judge, **arguments)
            except Owed as missing:
                execution.judge.owed(missing)
            except Exception as error:
                execution.judge.broken(f"{type(error).__name__}: {error}")

        _sign(judged, function, ("evidence", "judge"))
        pytest_bdd.then(parsers.parse(text), stacklevel=2)(judged)
        return function

    return decorate


def _acting(
    register: Callable[..., Any], text: str, own: str, pick: Callable[[Execution], Any]
) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        def acted(execution: Execution, **arguments: Any) -> None:
            if not execution.recorded:
                function(**{own: pick(execution)}, **arguments)

        _sign(acted, function, (own,))
        register(parsers.parse(text), stacklevel=2)(acted)
        return function

    return decorate


def _sign(wrapper: Function, function: Function, own: tuple[str, ...]) -> None:
    """Give the wrapper the function's parameters, its own ones replaced by the execution."""
    parameters = [
        parameter.replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in own
    ]
    first = inspect.Parameter("execution", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    wrapper.__signature__ = inspect.Signature([first, *parameters])  # type: ignore[attr-defined]
    wrapper.__doc__ = function.__doc__
    wrapper.__module__ = function.__module__
    wrapper.__wrapped__ = function  # type: ignore[attr-defined]
