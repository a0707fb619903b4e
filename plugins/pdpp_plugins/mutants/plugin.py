"""All the mutants and variants of this room, found when the kit is to be falsified and not before."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from pdpp_tck.falsify.declared import Declared, Mutant, Variant
from pdpp_tck.hookspecs import hookimpl

_ROOM = "pdpp_plugins.mutants"


@hookimpl
def register_mutants() -> Sequence[Mutant]:
    """Every mutant that a module of this room declares."""
    return [each for each in _declared() if isinstance(each, Mutant)]


@hookimpl
def register_variants() -> Sequence[Variant]:
    """Every variant that a module of this room declares."""
    return [each for each in _declared() if isinstance(each, Variant)]


def _declared() -> list[Declared]:
    modules = [
        import_module(f"{_ROOM}.{found.name}") for found in iter_modules(import_module(_ROOM).__path__)
    ]
    members = {id(value): value for module in modules for value in vars(module).values()}
    return [each for value in members.values() for each in getattr(value, "declared", ()) or ()]
