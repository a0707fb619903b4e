"""How a mutant or a variant of a SQL storage is written: a function that is given one that was opened."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import cast

import pluggy

from pdpp_host.ports import Storage
from pdpp_host.sql_port import SqlStorage
from pdpp_plugins.mutants.declaring import Declaring

hookimpl = pluggy.HookimplMarker("pdpp_host")

Damage = Callable[[SqlStorage], SqlStorage]


class Damaged(Declaring):
    """The plugin that such a function becomes."""

    def __init__(self, damage: Damage) -> None:
        super().__init__(damage)
        self._damage = damage

    @hookimpl(wrapper=True)
    def open_storage(self, url: str) -> Generator[None, Storage | None, Storage | None]:
        """What another plugin opens, as the function makes it."""
        opened = yield
        return None if opened is None else self._damage(cast(SqlStorage, opened))


def breaks(clause: str, complains: str) -> Callable[[Damage | Damaged], Damaged]:
    """Declare a mutant of the storage that breaks `clause`; may be said several times of one function."""

    def declare(damage: Damage | Damaged) -> Damaged:
        wrong = damage if isinstance(damage, Damaged) else Damaged(damage)
        return wrong.breaking(clause, complains)

    return declare


def legal(*judged_by: str) -> Callable[[Damage], Damaged]:
    """Declare a legal variant of the storage, which these scenarios have to let pass."""
    return lambda damage: Damaged(damage).passing(judged_by)
