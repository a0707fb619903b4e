"""Headings of an OpenSpec text, in all the ways in which people write them, with what stands below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pdpp_tck.openspec.lines import Line, collapsed
from pdpp_tck.openspec.tree import Operation

Noun = Literal["requirement", "scenario", "section", ""]

_HEADING = re.compile(r"(?P<depth>#{1,6})(?P<gap>\s*)(?P<title>.*?)(?:\s+#+)?")
_NAMED = re.compile(r"(?P<noun>requirement|scenario)\s*:\s*(?P<title>.*)", re.IGNORECASE)
_SECTION = re.compile(r"(?:(?P<what>added|modified|removed|renamed)\s+)?requirements", re.IGNORECASE)
_OPERATIONS: dict[str, Operation] = {
    "added": "ADDED", "modified": "MODIFIED", "removed": "REMOVED", "renamed": "RENAMED", "": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and the lines below it up to the next one; depth 0 is what stands before the first."""

    number: int
    depth: int
    noun: Noun
    title: str
    lines: tuple[Line, ...]
    operation: Operation = ""


def blocks_of(lines: list[Line]) -> Iterator[Block]:
    """The blocks of a text in order."""
    head = Block(1, 0, "", "", ())
    below: list[Line] = []
    for line in lines:
        found = _head(line)
        if found is None:
            below.append(line)
            continue
        yield _with(head, below)
        head, below = found, []
    yield _with(head, below)


def named(text: str) -> tuple[str, str] | None:
    """The noun and the title of `Requirement: X`, as it stands in a heading or behind one's marks."""
    found = _NAMED.fullmatch(text)
    return (found["noun"].lower(), collapsed(found["title"])) if found else None


def _head(line: Line) -> Block | None:
    found = _HEADING.fullmatch(line.text)
    if found is None:
        return None
    depth, title = len(found["depth"]), collapsed(found["title"])
    known, section = named(title), _SECTION.fullmatch(title)
    # Without a blank it is a heading only where it says what one says here; else it is #something.
    if not (found["gap"] or known or section):
        return None
    if known:
        noun: Noun = "requirement" if known[0] == "requirement" else "scenario"
        return Block(line.number, depth, noun, known[1], ())
    if section and depth == 2:
        what = (section["what"] or "").lower()
        return Block(line.number, depth, "section", title, (), _OPERATIONS[what])
    return Block(line.number, depth, "scenario" if depth == 4 else "", title, ())


def _with(head: Block, below: list[Line]) -> Block:
    return Block(head.number, head.depth, head.noun, head.title, tuple(below), head.operation)
