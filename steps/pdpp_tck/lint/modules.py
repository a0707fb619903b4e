"""The vocabulary's modules: what they may import, and which ways around the door they may not take."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator
from pathlib import Path

from pdpp_tck.lint.reach import module_of, named, nodes, parsed

_MAY_IMPORT = {
    "__future__", "collections", "collections.abc", "datetime", "json", "re", "typing",
    "pdpp_tck.asking", "pdpp_tck.evidence.acquired", "pdpp_tck.evidence.brought",
    "pdpp_tck.evidence.summarised", "itertools", "pdpp_tck.evidence.lone", "pdpp_tck.evidence.owing",
    "pdpp_tck.evidence.transcripts", "pdpp_tck.evidence.views", "pdpp_tck.judging",
    "pdpp_tck.scene", "pdpp_tck.sentence", "pdpp_tck.subject",
}  # fmt: skip
_HIDING = {
    "__builtins__", "__import__", "__loader__", "__spec__", "breakpoint", "compile", "delattr", "eval",
    "exec", "getattr", "globals", "input", "locals", "open", "setattr", "vars",
}  # fmt: skip
_STANDARD = {name for name in _MAY_IMPORT if not name.startswith("pdpp_tck")} | {"builtins"}


def module_problems(path: Path, packages: tuple[str, ...]) -> Iterator[str]:
    """Problems of one module of the vocabulary, which may use what is in these packages."""
    tree = parsed(path)
    for node in nodes(tree):
        line = getattr(node, "lineno", 1)
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(path, node, tree, packages)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            yield f"{path}:{line}: {node.attr!r} is private; ask by a public name"
        elif isinstance(node, ast.Name) and node.id in _HIDING:
            yield f"{path}:{line}: {node.id!r} hides what is used; name it, or ask through the door"
    yield from _borrowed(path, tree, packages)


def _imports(
    path: Path, node: ast.Import | ast.ImportFrom, tree: ast.Module, packages: tuple[str, ...]
) -> Iterator[str]:
    where = f"{path}:{node.lineno}"
    if node not in tree.body:
        yield f"{where}: an import stands at the top of its module, where it is seen"
    if isinstance(node, ast.ImportFrom):
        modules = ["." * node.level + (node.module or "")]
    else:
        modules = [alias.name for alias in node.names]
    for module in modules:
        if module not in _MAY_IMPORT and not _within(module, packages):
            yield f"{where}: a sentence has no use for {module!r}; what it needs goes through its door"


def _borrowed(path: Path, tree: ast.Module, packages: tuple[str, ...]) -> Iterator[str]:
    """What a module gets from one that it may import, and that belongs to one that it may not."""
    module = next((m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == str(path)), None)
    told: set[tuple[int, str]] = set()
    for line, found in named(tree, vars(builtins) | vars(module) if module else {}):
        home = module_of(found)
        if home and not _allowed(home, packages) and (line, home) not in told:
            told.add((line, home))
            yield f"{path}:{line}: a sentence has no use for {home!r}; what it needs goes through its door"


def _allowed(module: str, packages: tuple[str, ...]) -> bool:
    """Whether a thing of this module may be used; the standard library's have parts of their own."""
    if module in _MAY_IMPORT or _within(module, packages):
        return True
    # `import a.b.c` binds `a`, by which the way leads to what may be imported.
    way = any(name.startswith(f"{module}.") for name in _MAY_IMPORT)
    return way or module.partition(".")[0].lstrip("_") in {name.lstrip("_") for name in _STANDARD}


def _within(module: str, packages: tuple[str, ...]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)
