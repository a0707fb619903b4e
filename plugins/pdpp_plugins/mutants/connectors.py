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

from pdpp_plugins.mutants.lines import Lines, Said
from pdpp_tck.falsify.declared import Declared, Mutant, Variant

hookimpl = pluggy.HookimplMarker("pdpp_host")

Rewrite = Callable[[Lines], Iterator[Said]]


class Rewritten:
    """The plugin that such a generator becomes; `declared` are the mutants or the variant that it is."""

    def __init__(self, rewrite: Rewrite, of: str) -> None:
        self.rewrite, self.of = rewrite, of
        self.name = rewrite.__name__.replace("_", "-")
        self.key = f"{of}-{self.name}"
        self.says = (rewrite.__doc__ or "").strip().splitlines()[0]
        self.plugin = f"{rewrite.__module__}:{rewrite.__name__}"
        self.declared: tuple[Declared, ...] = ()

    @hookimpl
    def register_connectors(self) -> list[Any]:
        """The real connector behind the generator, under a key of its own."""
        import msgspec

        from pdpp_host.plugins import load_plugins, registered_connectors

        real = registered_connectors(load_plugins())[self.of]
        manifest = msgspec.structs.replace(real.manifest, connector_key=self.key)
        command = (sys.executable, "-P", "-m", "pdpp_plugins.mutants.lines", self.plugin, *real.command)
        return [msgspec.structs.replace(real, manifest=manifest, command=command)]


def breaks(clause: str, complains: str, of: str = "folder") -> Callable[[Rewrite | Rewritten], Rewritten]:
    """Declare a mutant of the connector `of` that breaks `clause`; may be said several times."""

    def declare(rewrite: Rewrite | Rewritten) -> Rewritten:
        wrong = rewrite if isinstance(rewrite, Rewritten) else Rewritten(rewrite, of)
        mutant = Mutant(wrong.name, clause, complains, wrong.says, wrong.plugin, wrong.key, wrong.of)
        wrong.declared = (*wrong.declared, mutant)
        return wrong

    return declare


def legal(
    *judged_by: str,
    of: str = "folder",
    takes: tuple[str, ...] = (),
    leaves: tuple[str, ...] = (),
    unseen: tuple[str, ...] = (),
) -> Callable[[Rewrite], Rewritten]:
    """Declare a legal variant of the connector `of`, which these scenarios have to let pass."""

    def declare(rewrite: Rewrite) -> Rewritten:
        other = Rewritten(rewrite, of)
        other.declared = (
            Variant(other.name, other.says, judged_by, other.plugin, takes, leaves, unseen, other.key, of),
        )
        return other

    return declare
