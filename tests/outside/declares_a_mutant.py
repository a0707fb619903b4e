from collections.abc import Sequence

from pdpp_tck.falsify.declared import Mutant
from pdpp_tck.hookspecs import hookimpl


@hookimpl
def register_mutants() -> Sequence[Mutant]:
    return [Mutant("wide", "PR-03.1/T1", "nothing wider", "It asks for all.", "their_package.wide")]
