"""The sentences in which scenarios are written, one module a noun."""

import importlib
import pkgutil


def load() -> None:
    """Import every module of the vocabulary, so that its sentences are known."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
