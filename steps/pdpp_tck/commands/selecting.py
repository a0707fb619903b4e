"""`--select`: ids in comma lists, given once or again and again."""

from __future__ import annotations

from pdpp_tck.commands.refusing import refuse


def selected(lists: list[str] | None) -> frozenset[str]:
    """The ids; a list that names nothing is refused."""
    found = [[name.strip() for name in part.split(",") if name.strip()] for part in lists or ()]
    if not all(found):
        refuse("--select names nothing: give ids, as --select PR-01,PR-03.2, or leave it out")
    return frozenset(name for names in found for name in names)
