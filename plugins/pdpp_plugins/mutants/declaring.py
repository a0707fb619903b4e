"""What a function becomes that is written as a mutant or a variant: a plugin which tells what it is."""

from __future__ import annotations

from typing import Any, Self

from pdpp_tck.falsify.declared import Declared, Mutant, Variant


class Declaring:
    """Named as the function is and told by its docstring; `declared` says what mutants or variant it is."""

    def __init__(self, function: Any) -> None:
        self.connector: str | None = None
        self.driver: str | None = None
        self.name = function.__name__.replace("_", "-")
        self.says = (function.__doc__ or "").strip().splitlines()[0]
        self.plugin = f"{function.__module__}:{function.__name__}"
        self.declared: tuple[Declared, ...] = ()

    def breaking(self, clause: str, complains: str) -> Self:
        """The same, being a mutant that breaks this clause too."""
        mutant = Mutant(self.name, clause, complains, self.says, self.plugin, self.connector, self.driver)
        self.declared = (*self.declared, mutant)
        return self

    def passing(
        self,
        judged_by: tuple[str, ...],
        takes: tuple[str, ...] = (),
        leaves: tuple[str, ...] = (),
        unseen: tuple[str, ...] = (),
    ) -> Self:
        """The same, being a variant that these scenarios have to let pass."""
        self.declared = (
            Variant(
                self.name,
                self.says,
                judged_by,
                self.plugin,
                takes,
                leaves,
                unseen,
                self.connector,
                self.driver,
            ),
        )
        return self
