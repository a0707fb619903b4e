"""Our own host as it is, in what it may do where connections have several paths: CI-01 to CI-03."""

from __future__ import annotations

from types import SimpleNamespace

from pdpp_tck.falsify.declared import Variant

HOST = SimpleNamespace(
    declared=(
        Variant(
            "our-host-of-several-paths",
            "Archive and interface share a connection under a proof, one that comes later included.",
            ("CI-01.1", "CI-03.1", "CI-03.3"),
            takes=("CI-01.1/T1", "CI-03/R3", "CI-03.3/T1", "CI-03/R4b"),
        ),
    )
)
