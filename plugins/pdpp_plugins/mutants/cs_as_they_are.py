"""Our own host, as it is, where it takes a permission of CS or leaves it."""

from __future__ import annotations

from pdpp_tck.falsify.declared import Declared, Variant


class AsTheyAre:
    """What of ours is a variant without being changed."""

    declared: tuple[Declared, ...] = (
        Variant(
            "summaries-as-they-are",
            "Readers who come together share the next look, and the list tells of runs from evidence rows.",
            ("CS-02.1", "CS-04.1"),
            takes=("CS-02.1/T1",),
            leaves=("CS-04.1/T1",),
        ),
    )
