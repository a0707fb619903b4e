"""All the mutants and variants of this room, found when the kit is to be falsified and not before."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from pdpp_tck.falsify.declared import Declared, Mutant, Variant, declared_in
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
    found = iter_modules(import_module(_ROOM).__path__)
    return declared_in(import_module(f"{_ROOM}.{each.name}") for each in found)
