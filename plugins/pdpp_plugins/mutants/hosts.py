"""How a mutant or a variant of the host is written: a function from its services to other services."""

from __future__ import annotations

from collections.abc import Callable

from pdpp_host.hookspecs import hookimpl
from pdpp_host.services import Services
from pdpp_tck.falsify.declared import Declared, Mutant, Variant

Adapt = Callable[[Services], Services]


class Wrong:
    """The plugin that such a function becomes; `declared` are the mutants or the variant that it is."""

    def __init__(self, adapt: Adapt) -> None:
        self._adapt = adapt
        self.name = adapt.__name__.replace("_", "-")
        self.says = (adapt.__doc__ or "").strip().splitlines()[0]
        self.plugin = f"{adapt.__module__}:{adapt.__name__}"
        self.declared: tuple[Declared, ...] = ()

    @hookimpl
    def adapt_services(self, services: Services) -> Services:
        """The services as the function makes them."""
        return self._adapt(services)


def breaks(clause: str, complains: str) -> Callable[[Adapt | Wrong], Wrong]:
    """Declare a mutant of the host that breaks `clause`; may be said several times of one function."""

    def declare(adapt: Adapt | Wrong) -> Wrong:
        wrong = adapt if isinstance(adapt, Wrong) else Wrong(adapt)
        mutant = Mutant(wrong.name, clause, complains, wrong.says, wrong.plugin)
        wrong.declared = (*wrong.declared, mutant)
        return wrong

    return declare


def legal(
    *judged_by: str, takes: tuple[str, ...] = (), leaves: tuple[str, ...] = (), unseen: tuple[str, ...] = ()
) -> Callable[[Adapt], Wrong]:
    """Declare a legal variant of the host, which these scenarios or requirements have to let pass."""

    def declare(adapt: Adapt) -> Wrong:
        other = Wrong(adapt)
        other.declared = (Variant(other.name, other.says, judged_by, other.plugin, takes, leaves, unseen),)
        return other

    return declare
