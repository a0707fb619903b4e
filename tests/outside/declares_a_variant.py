from collections.abc import Sequence

from pdpp_tck.falsify.declared import Variant
from pdpp_tck.hookspecs import hookimpl


@hookimpl
def register_variants() -> Sequence[Variant]:
    return [Variant("chunked", "It reads in chunks.", ("CS-06.1",), "their_package.chunked")]
