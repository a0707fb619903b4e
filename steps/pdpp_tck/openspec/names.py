"""Requirements that a change only names: those that it removes, and those that it renames."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from pdpp_tck.openspec.blocks import named
from pdpp_tck.openspec.lines import BULLETS, Line, collapsed
from pdpp_tck.openspec.tree import Rename

_WAY = re.compile(r"[*_]{0,3}(?P<way>from|to)\s*:[*_]{0,3}\s*(?P<name>.*)", re.IGNORECASE)
_QUOTED = re.compile(r"`?\s*(?:#{1,6}\s*)?(?P<name>.*?)\s*`?")

Say = Callable[[int, str, str], None]


def gone(lines: Iterable[Line]) -> Iterator[tuple[str, int]]:
    """The requirements in a list, with their lines; those with a heading of their own are found by it."""
    for line in lines:
        bullets = BULLETS.match(line.text)
        if bullets and (title := _title(line.text[bullets.end() :])):
            yield title, line.number


def renames(lines: Iterable[Line], say: Say) -> Iterator[Rename]:
    """Each FROM with the TO that follows it; `say` is told of one without the other."""
    old: tuple[str, int] | None = None
    for line in lines:
        bullets = BULLETS.match(line.text)
        found = _WAY.fullmatch(line.text[bullets.end() if bullets else 0 :])
        if found is None:
            continue
        title = _title(found["name"])
        if found["way"].lower() == "to" and old is not None:
            yield Rename(old[0], title, old[1])
            old = None
        elif found["way"].lower() == "from" and old is None:
            old = (title, line.number)
        else:
            say(line.number, "half-rename", f"{title!r} has no partner; write - FROM: and - TO: in turn")
    if old is not None:
        say(old[1], "half-rename", f"{old[0]!r} has no new name; write - TO: below it")


def _title(text: str) -> str:
    """The title in `### Requirement: X`, with or without marks, backticks and the word."""
    found = _QUOTED.fullmatch(text)
    name = collapsed(found["name"] if found else text)
    known = named(name)
    return known[1] if known else name
