"""The vocabulary: how many sentences there are, and that each stays on its own side of the door."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

from pdpp_tck import vocabulary
from pdpp_tck.features import Scenario

BUDGET = 60
_OWN = {"given": ("scene",), "when": ("ask",), "then": ("evidence", "judge")}
_FOREIGN = {
    "given": {"Asking", "Evidence", "Judge", "RunView"},
    "when": {"Scene", "Evidence", "Judge", "RunView"},
    "then": {"Scene", "Asking"},
}
_MAY_IMPORT = {
    "__future__", "collections", "collections.abc", "datetime", "json", "re", "typing",
    "pdpp_tck.asking", "pdpp_tck.evidence.transcripts", "pdpp_tck.evidence.views", "pdpp_tck.judging",
    "pdpp_tck.scene", "pdpp_tck.sentence", "pdpp_tck.subject",
}  # fmt: skip
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def sentences() -> list[StepFunctionContext]:
    """Every sentence that is defined, in no order, but for those that pytest-bdd brings along."""
    found = step_function_context_registry.values()
    return [context for context in found if not context.step_func.__module__.startswith("pytest_bdd")]


def uses(context: StepFunctionContext, scenarios: list[Scenario]) -> list[Scenario]:
    """The scenarios in which a sentence stands."""
    return [
        scenario
        for scenario in scenarios
        if any(context.type == step.kind and context.parser.is_matching(step.text) for step in scenario.steps)
    ]


def sentence_problems(scenarios: list[Scenario]) -> Iterator[str]:
    """Problems of the modules in which sentences are defined."""
    if len(sentences()) > BUDGET:
        where = f"{Path(vocabulary.__file__)}:1"
        yield f"{where}: {len(sentences())} sentences are more than {BUDGET}; say new things in known ones"
    room = Path(vocabulary.__file__).parent
    for path in sorted(room.glob("*.py")):
        if path.name != "__init__.py":
            yield from _module(path)


def unused(scenarios: list[Scenario]) -> Iterator[str]:
    """Sentences that no scenario uses: what nothing calls is deleted."""
    for context in sentences():
        if not uses(context, scenarios):
            path, line = defined(context)
            yield f"{path}:{line}: no scenario uses {context.parser.name!r}; delete it"


def defined(context: StepFunctionContext) -> tuple[str, int]:
    """The file and line in which a sentence's function stands."""
    function = inspect.unwrap(context.step_func)
    return function.__code__.co_filename, function.__code__.co_firstlineno


def _module(path: Path) -> Iterator[str]:
    tree = _parsed(path)
    for node in ast.walk(tree):
        yield from _imports(path, node)
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            yield f"{path}:{node.lineno}: {node.attr!r} is private; ask by a public name"
    functions = {node.name: node for node in tree.body if isinstance(node, _Function)}
    for function in functions.values():
        for kind in _kinds(function):
            yield from _definition(path, kind, function, functions)


def _imports(path: Path, node: ast.AST) -> Iterator[str]:
    modules = []
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        modules = [node.module or ""]
    for module in modules:
        if module not in _MAY_IMPORT and not module.startswith("pdpp_tck.vocabulary"):
            line = getattr(node, "lineno", 1)
            yield f"{path}:{line}: a sentence has no use for {module!r}; what it needs goes through its door"


def _definition(path: Path, kind: str, function: _Function, functions: dict[str, _Function]) -> Iterator[str]:
    where = f"{path}:{function.lineno}"
    if isinstance(function, ast.AsyncFunctionDef):
        yield f"{where}: {function.name} is async and would pass without being run; write a plain function"
    given = tuple(argument.arg for argument in function.args.args[: len(_OWN[kind])])
    if given != _OWN[kind]:
        wanted = ", ".join(_OWN[kind])
        yield f"{where}: {function.name} is a {kind.title()}, so it takes {wanted} first"
    for name in sorted(_reached(function, functions) & _FOREIGN[kind]):
        yield f"{where}: {function.name} is a {kind.title()} and touches {name}, beyond the door"


def _kinds(function: _Function) -> list[str]:
    """The kinds of sentence that a function defines, by its decorators."""
    called = [d.func for d in function.decorator_list if isinstance(d, ast.Call)]
    return sorted({f.id for f in called if isinstance(f, ast.Name) and f.id in _OWN})


def _reached(function: _Function, functions: dict[str, _Function]) -> set[str]:
    """Every name that a function uses, itself or through the functions of its module that it calls."""
    seen: set[str] = set()
    names: set[str] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop()
        seen.add(current.name)
        used = {node.id for node in ast.walk(current) if isinstance(node, ast.Name)}
        names |= used
        waiting += [functions[name] for name in used & functions.keys() - seen]
    return names


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))
