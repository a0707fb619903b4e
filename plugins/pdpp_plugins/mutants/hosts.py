"""How a mutant or a variant of the host is written: a function from its services to other services."""

from __future__ import annotations

from collections.abc import Callable

from pdpp_host.hookspecs import hookimpl
from pdpp_host.services import Services
from pdpp_plugins.mutants.declaring import Declaring

Adapt = Callable[[Services], Services]


class Wrong(Declaring):
    """The plugin that such a function becomes."""

    def __init__(self, adapt: Adapt) -> None:
        super().__init__(adapt)
        self._adapt = adapt

    @hookimpl
    def adapt_services(self, services: Services) -> Services:
        """The services as the function makes them."""
        return self._adapt(services)


def breaks(clause: str, complains: str) -> Callable[[Adapt | Wrong], Wrong]:
    """Declare a mutant of the host that breaks `clause`; may be said several times of one function."""

    def declare(adapt: Adapt | Wrong) -> Wrong:
        wrong = adapt if isinstance(adapt, Wrong) else Wrong(adapt)
        return wrong.breaking(clause, complains)

    return declare


def legal(
    *judged_by: str, takes: tuple[str, ...] = (), leaves: tuple[str, ...] = (), unseen: tuple[str, ...] = ()
) -> Callable[[Adapt], Wrong]:
    """Declare a legal variant of the host, which these scenarios or requirements have to let pass."""
    return lambda adapt: Wrong(adapt).passing(judged_by, takes, leaves, unseen)
