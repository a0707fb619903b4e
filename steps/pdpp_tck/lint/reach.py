"""What a function touches: by its own names, and through the functions of the vocabulary that it reaches."""

from __future__ import annotations

import ast
import builtins
import inspect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_NOTHING = object()
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Unknown:
    """An attribute of something that is known only when it runs."""

    attribute: str


@cache
def parsed(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def nodes(tree: ast.AST) -> Sequence[ast.AST]:
    """All that is below a tree; a module is asked for it several times."""
    return _of_module(tree) if isinstance(tree, ast.Module) else list(ast.walk(tree))


@cache
def _of_module(tree: ast.Module) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree))


def written(function: FunctionType) -> list[Function]:
    """Where a function is written; lambdas that share a line cannot be told apart."""
    code = function.__code__
    return _functions(Path(code.co_filename)).get((code.co_name, code.co_firstlineno), [])


@cache
def _functions(path: Path) -> dict[tuple[str, int], list[Function]]:
    """The functions of a module by name and first line, which is that of the first decorator."""
    found: dict[tuple[str, int], list[Function]] = defaultdict(list)
    for node in nodes(parsed(path)):
        if isinstance(node, _FUNCTIONS):
            first = min([node.lineno, *(d.lineno for d in _decorators(node))])
            found[_name(node), first].append(node)
    return found


def reached(function: FunctionType, packages: tuple[str, ...]) -> Iterator[object]:
    """Every object that a function names, itself or through what it reaches in `packages`, once.

    What is looked at are objects and no names, so that no alias hides one.
    """
    # By identity, as not everything has a hash; and kept, lest another thing take over an identity.
    seen: dict[int, object] = {}
    waiting: list[object] = [function]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen[id(current)] = current
        yield current
        if _of(current, packages):
            waiting += _inside(current)


def named(tree: ast.AST, names: Mapping[str, Any]) -> Iterator[tuple[int, object]]:
    """(line, object) for each name and each attribute below a tree, where `names` is what is known there."""
    for node in _names(tree):
        found = _resolved(node, names)
        if found is not _NOTHING:
            yield node.lineno, found
        elif isinstance(node, ast.Attribute):
            yield node.lineno, Unknown(node.attr)


@cache
def _names(tree: ast.AST) -> list[ast.Name | ast.Attribute]:
    # Every run of the kit looks here, and many sentences reach the same functions.
    return [node for node in nodes(tree) if isinstance(node, ast.Name | ast.Attribute)]


def module_of(value: object) -> str | None:
    """The name of the module that an object is, or in which a function or class is defined."""
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, type) or callable(value):
        module = getattr(value, "__module__", None)
        return module if isinstance(module, str) else None
    return None


def _of(value: object, packages: tuple[str, ...]) -> bool:
    """Whether to go on inside an object: a function, class or instance of the packages, or a container."""
    if isinstance(value, dict | list | tuple | set | frozenset | MethodType):
        return True
    module = module_of(value) if isinstance(value, FunctionType | type) else type(value).__module__
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    if isinstance(value, FunctionType):
        return [found for node in written(value) for _, found in named(node, _known(value))]
    if isinstance(value, type):
        return [part for member in vars(value).values() for part in _member(member)]
    return [type(value)]


def _member(member: object) -> list[object]:
    """The functions behind a member of a class."""
    if isinstance(member, staticmethod | classmethod):
        return [member.__func__]
    if isinstance(member, property):
        return [part for part in (member.fget, member.fset, member.fdel) if part is not None]
    return [member] if isinstance(member, FunctionType | type) else []


def _known(function: FunctionType) -> dict[str, Any]:
    """What a function's names stand for, but for its own variables, which nothing knows before it runs."""
    closed = inspect.getclosurevars(function).nonlocals
    code = function.__code__
    own = {*code.co_varnames, *code.co_cellvars}
    known = vars(builtins) | function.__globals__
    return {name: value for name, value in known.items() if name not in own} | dict(closed)


def _resolved(node: ast.expr, names: Mapping[str, Any]) -> object:
    if isinstance(node, ast.Name):
        return names.get(node.id, _NOTHING)
    if isinstance(node, ast.Attribute):
        holder = _resolved(node.value, names)
        if isinstance(holder, ModuleType):
            return vars(holder).get(node.attr, _NOTHING)
        if isinstance(holder, type):
            return inspect.getattr_static(holder, node.attr, _NOTHING)
    return _NOTHING


def _name(node: Function) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name


def _decorators(node: Function) -> list[ast.expr]:
    return [] if isinstance(node, ast.Lambda) else node.decorator_list
