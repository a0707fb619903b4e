"""The sentences in which scenarios are written, one module a noun."""

import importlib
import pkgutil


def modules() -> list[str]:
    """The name of every module of the vocabulary, those in folders of it too."""
    return [module.name for module in pkgutil.walk_packages(__path__, f"{__name__}.")]


def load() -> None:
    """Import every module of the vocabulary, so that its sentences are known."""
    for name in modules():
        importlib.import_module(name)
