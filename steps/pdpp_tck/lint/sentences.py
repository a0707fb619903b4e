"""The vocabulary: how many sentences there are, and that each stays on its own side of the door.

What is judged is what is registered, however it came to be: pytest-bdd runs nothing else.
"""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

from pdpp_tck import vocabulary
from pdpp_tck.authors.folder import Folder
from pdpp_tck.authors.modules import PACKAGE, STEPS, step_modules
from pdpp_tck.features import Scenario
from pdpp_tck.lint.modules import module_problems
from pdpp_tck.lint.reach import Unknown, module_of, reached, written

BUDGET = 110
_OWN = {"given": ("scene",), "when": ("ask",), "then": ("evidence", "judge")}
_EVIDENCE = (
    "pdpp_tck.evidence.acquired",
    "pdpp_tck.evidence.lone",
    "pdpp_tck.evidence.owing",
    "pdpp_tck.evidence.summarised",
    "pdpp_tck.evidence.views",
)
_FOREIGN = {
    "given": {"pdpp_tck.asking", *_EVIDENCE, "pdpp_tck.judging"},
    "when": {"pdpp_tck.scene", *_EVIDENCE, "pdpp_tck.judging"},
    "then": {"pdpp_tck.scene", "pdpp_tck.asking"},
}
_HOMES = {
    "Asking": "pdpp_tck.asking",
    "Evidence": "pdpp_tck.evidence.views",
    "RunView": "pdpp_tck.evidence.views",
    "Judge": "pdpp_tck.judging",
    "Scene": "pdpp_tck.scene",
}
_BESIDE = {"datatable", "docstring"}
_HOLE = re.compile(r"\{(\w+):?([^}]*)\}")


def sentences() -> list[StepFunctionContext]:
    """Every sentence that is defined, in no order, but for those that pytest-bdd brings along.

    Of an author's only those of the folder that is in use: the registry may remember another's.
    """
    found = step_function_context_registry.values()
    return [c for c in found if not c.step_func.__module__.startswith("pytest_bdd") and not _left_over(c)]


def of_author(context: StepFunctionContext) -> bool:
    """Whether a sentence is an author's and none of ours."""
    return f"{context.step_func.__module__}.".startswith(f"{PACKAGE}.")


def _left_over(context: StepFunctionContext) -> bool:
    module = sys.modules.get(context.step_func.__module__)
    function = inspect.unwrap(context.step_func)
    return of_author(context) and getattr(function, "__globals__", None) is not vars(module or builtins)


def uses(context: StepFunctionContext, scenarios: list[Scenario]) -> list[Scenario]:
    """The scenarios in which a sentence stands."""
    return [
        scenario
        for scenario in scenarios
        if any(context.type == step.kind and context.parser.is_matching(step.text) for step in scenario.steps)
    ]


def sentence_problems(scenarios: list[Scenario], folder: Folder | None = None) -> Iterator[str]:
    """Problems of the modules in which sentences are defined, ours and those of an author's folder."""
    ours = [context for context in sentences() if not of_author(context)]
    if len(ours) > BUDGET:
        where = f"{Path(vocabulary.__file__)}:1"
        yield f"{where}: {len(ours)} sentences are more than {BUDGET}; say new things in known ones"
    room = Path(vocabulary.__file__).parent
    for path in sorted(room.rglob("*.py")):
        if path != room / "__init__.py":
            yield from module_problems(path, (vocabulary.__name__,))
    for module in step_modules(folder):
        if module.__file__ is not None:
            yield from module_problems(Path(module.__file__), (STEPS, vocabulary.__name__))
    # A function that is several sentences has most of its problems once.
    yield from dict.fromkeys(problem for context in sentences() for problem in _problems(context))


def unused(scenarios: list[Scenario]) -> Iterator[str]:
    """Sentences that no scenario uses: what nothing calls is deleted."""
    for context in sentences():
        if not uses(context, scenarios):
            path, line = defined(context)
            yield f"{path}:{line}: no scenario uses {context.parser.name!r}; delete it"


def defined(context: StepFunctionContext) -> tuple[str, int]:
    """The file and line in which a sentence's function stands."""
    function = inspect.unwrap(context.step_func)
    if not isinstance(function, FunctionType):
        return inspect.getfile(type(function)), 1
    lines = [node.lineno for node in written(function)]
    return function.__code__.co_filename, min(lines, default=function.__code__.co_firstlineno)


def _problems(context: StepFunctionContext) -> Iterator[str]:
    path, line = defined(context)
    where, name = f"{path}:{line}", context.parser.name
    function = getattr(context.step_func, "__wrapped__", None)
    if context.type not in _OWN or function is None:
        yield f"{where}: {name!r} is no sentence of the kit's; use given, when and then of pdpp_tck.sentence"
        return
    if not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        yield f"{where}: what says {name!r} is decorated or no function; write a plain function"
        return
    if not any(f"{function.__module__}.".startswith(f"{room}.") for room in (vocabulary.__name__, STEPS)):
        yield f"{where}: {name!r} is defined outside {vocabulary.__name__}; put it into a module there"
    yield from _runs(where, function)
    yield from _takes(where, context, function)
    yield from _touches(where, context.type, function)


def _runs(where: str, function: FunctionType) -> Iterator[str]:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield f"{where}: {_name(function)} is async and would pass without being run; write a plain function"
    elif inspect.isgeneratorfunction(function):
        yield f"{where}: {_name(function)} yields and would pass without being run; write a plain function"


def _takes(where: str, context: StepFunctionContext, function: FunctionType) -> Iterator[str]:
    """The side's own parameters first, then what the sentence says, nothing that pytest would fill in."""
    kind, own = context.type or "", _OWN[context.type or ""]
    parameters = inspect.signature(function).parameters
    if tuple(parameters)[: len(own)] != own:
        yield f"{where}: {_name(function)} is a {kind.title()}, so it takes {', '.join(own)} first"
        return
    said = set(placeholders(context))
    for name in list(parameters)[len(own) :]:
        if name not in said | _BESIDE:
            yield f"{where}: {_name(function)} takes {name!r}, which {context.parser.name!r} does not say"
    for name in sorted(said - parameters.keys()):
        yield f"{where}: {_name(function)} does not take {name!r}, which {context.parser.name!r} says"
    for name, parameter in parameters.items():
        if parameter.default is not parameter.empty or parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            yield f"{where}: {_name(function)} does not take {name!r} plainly; write its name alone"


def _touches(where: str, kind: str, function: FunctionType) -> Iterator[str]:
    touched: set[str] = set()
    for found in reached(function, (vocabulary.__name__, STEPS)):
        if isinstance(found, Unknown):
            name, home = found.attribute, _HOMES.get(found.attribute)
        else:
            name, home = getattr(found, "__name__", ""), module_of(found)
        if home in _FOREIGN[kind]:
            touched.add(name)
    for name in sorted(touched):
        yield f"{where}: {_name(function)} is a {kind.title()} and touches {name}, beyond the door"


def placeholders(context: StepFunctionContext) -> dict[str, str]:
    """What a sentence leaves open: each name with the format that it asks for, "" where any text will do."""
    inner = getattr(context.parser, "parser", None)
    formats = dict(_HOLE.findall(context.parser.name))
    return {name: formats.get(name, "") for name in getattr(inner, "named_fields", ())}


def _name(function: FunctionType) -> str:
    return function.__name__
