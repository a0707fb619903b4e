"""How a mutant or a variant of a connector is written: a generator between a real connector and its host.

It is given the `Lines` of the real connector and yields what is said in their place. `lines.start` is START
as the host sent it, which may be changed before the first line is read; a text that is yielded is written
as it is. The module is imported by each start of the connector and keeps to what is quickly imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pluggy

from pdpp_plugins.mutants.declaring import Declaring
from pdpp_plugins.mutants.lines import Lines, Said

hookimpl = pluggy.HookimplMarker("pdpp_host")

Rewrite = Callable[[Lines], Iterator[Said]]


class Rewritten(Declaring):
    """The plugin that such a generator becomes; its source is arranged as that of the real one."""

    def __init__(self, rewrite: Rewrite, of: str) -> None:
        super().__init__(rewrite)
        self.rewrite, self.of = rewrite, of
        self.driver, self.connector = of, f"{of}-{self.name}"

    @hookimpl
    def register_connectors(self) -> list[Any]:
        """The real connector behind the generator, under a key of its own."""
        import msgspec

        from pdpp_host.plugins import load_plugins, registered_connectors

        real = registered_connectors(load_plugins())[self.of]
        manifest = msgspec.structs.replace(real.manifest, connector_key=self.connector)
        program = (sys.executable, "-P", "-m", "pdpp_plugins.mutants.lines")
        command = (*program, _nowhere(self.plugin), self.plugin, *real.command)
        return [msgspec.structs.replace(real, manifest=manifest, command=command)]


def _nowhere(plugin: str) -> str:
    """The folder of a package that no path leads to, such as an author's; `-` for every other."""
    top = sys.modules[plugin.partition(":")[0].partition(".")[0]]
    return "-" if top.__spec__ else str(top.__path__[0])


def breaks(clause: str, complains: str, of: str = "folder") -> Callable[[Rewrite | Rewritten], Rewritten]:
    """Declare a mutant of the connector `of` that breaks `clause`; may be said several times."""

    def declare(rewrite: Rewrite | Rewritten) -> Rewritten:
        wrong = rewrite if isinstance(rewrite, Rewritten) else Rewritten(rewrite, of)
        return wrong.breaking(clause, complains)

    return declare


def legal(
    *judged_by: str,
    of: str = "folder",
    takes: tuple[str, ...] = (),
    leaves: tuple[str, ...] = (),
    unseen: tuple[str, ...] = (),
) -> Callable[[Rewrite], Rewritten]:
    """Declare a legal variant of the connector `of`, which these scenarios have to let pass."""

    return lambda rewrite: Rewritten(rewrite, of).passing(judged_by, takes, leaves, unseen)
