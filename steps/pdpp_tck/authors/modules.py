"""An author's own Python: imported as the package `pdpp_author`, wherever the folder lies.

The name is the same in every folder, so that what is told of a mutant does not depend on a path. A process
knows one folder at a time.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from pdpp_tck.authors.folder import Folder
from pdpp_tck.options import UsageError

PACKAGE = "pdpp_author"
STEPS, MUTANTS = f"{PACKAGE}.steps", f"{PACKAGE}.mutants"


def enter(folder: Folder | None) -> None:
    """Make this folder's modules importable, and forget those of another one."""
    known = sys.modules.get(PACKAGE)
    path = [str(folder.root)] if folder is not None else []
    if known is not None and list(known.__path__) == path:
        return
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{PACKAGE}.")]:
        del sys.modules[name]
    if path:
        package = ModuleType(PACKAGE, "The folder that --features names.")
        package.__path__ = path
        sys.modules[PACKAGE] = package
        importlib.invalidate_caches()


def step_modules(folder: Folder | None) -> list[ModuleType]:
    """The modules of `steps/`, imported; raises UsageError for one that breaks."""
    return _modules(folder, STEPS)


def mutant_modules(folder: Folder | None) -> list[ModuleType]:
    """`mutants.py`, or the modules of `mutants/`, imported; raises UsageError for one that breaks."""
    return _modules(folder, MUTANTS)


def _modules(folder: Folder | None, name: str) -> list[ModuleType]:
    enter(folder)
    if folder is None:
        return []
    path = folder.root / name.rpartition(".")[2]
    if path.with_suffix(".py").is_file():
        return [_imported(folder, name)]
    if not path.is_dir():
        return []
    package = _imported(folder, name)
    found = pkgutil.walk_packages([str(path)], f"{name}.", onerror=lambda _: None)
    modules = [_imported(folder, each) for each in sorted(each.name for each in found)]
    return [package, *modules] if package.__file__ else modules


def _imported(folder: Folder, name: str) -> ModuleType:
    try:
        with _no_bytecode():
            return importlib.import_module(name)
    except Exception as error:
        what = f"breaks when it is imported: {type(error).__name__}: {error}"
        raise UsageError(f"{_where(folder, name, error)}: {what}; mend it") from None


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Leave nothing behind in somebody's folder."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _where(folder: Folder, name: str, error: Exception) -> str:
    """The file and line of the folder's in which it broke."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(folder.root):
            return f"{frame.filename}:{frame.lineno}"
    return f"{folder.root.joinpath(*name.split('.')[1:]).with_suffix('.py')}:1"
