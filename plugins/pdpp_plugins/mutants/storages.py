"""How a mutant or a variant of a SQL storage is written: a function that is given one that was opened."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import cast

import pluggy

from pdpp_host.ports import Storage
from pdpp_host.sql_port import SqlStorage
from pdpp_tck.falsify.declared import Declared, Mutant, Variant

hookimpl = pluggy.HookimplMarker("pdpp_host")

Damage = Callable[[SqlStorage], SqlStorage]


class Damaged:
    """The plugin that such a function becomes; `declared` are the mutants or the variant that it is."""

    def __init__(self, damage: Damage) -> None:
        self._damage = damage
        self.name = damage.__name__.replace("_", "-")
        self.says = (damage.__doc__ or "").strip().splitlines()[0]
        self.plugin = f"{damage.__module__}:{damage.__name__}"
        self.declared: tuple[Declared, ...] = ()

    @hookimpl(wrapper=True)
    def open_storage(self, url: str) -> Generator[None, Storage | None, Storage | None]:
        """What another plugin opens, as the function makes it."""
        opened = yield
        return None if opened is None else self._damage(cast(SqlStorage, opened))


def breaks(clause: str, complains: str) -> Callable[[Damage | Damaged], Damaged]:
    """Declare a mutant of the storage that breaks `clause`; may be said several times of one function."""

    def declare(damage: Damage | Damaged) -> Damaged:
        wrong = damage if isinstance(damage, Damaged) else Damaged(damage)
        mutant = Mutant(wrong.name, clause, complains, wrong.says, wrong.plugin)
        wrong.declared = (*wrong.declared, mutant)
        return wrong

    return declare


def legal(*judged_by: str) -> Callable[[Damage], Damaged]:
    """Declare a legal variant of the storage, which these scenarios have to let pass."""

    def declare(damage: Damage) -> Damaged:
        other = Damaged(damage)
        other.declared = (Variant(other.name, other.says, judged_by, other.plugin),)
        return other

    return declare
