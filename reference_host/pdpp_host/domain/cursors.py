"""Pages of a list: how long they are, and what a reader is given to ask for the next one."""

from __future__ import annotations

from collections.abc import Callable

PAGE = 100


def cursor(seal: Callable[[str, bytes], str], purpose: str, place: bytes) -> str:
    """The cursor for a place in the list that `purpose` names: sealed, so that it tells nobody of it.

    A place counts everybody's records, those that its reader may not know of too (CI-03.4/T1).
    """
    return seal(purpose, place)


def place_at(unseal: Callable[[str, str], bytes | None], purpose: str, given: str) -> bytes | None:
    """The place of a cursor of this list, None for any other text."""
    return unseal(purpose, given)
