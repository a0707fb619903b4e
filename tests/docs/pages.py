"""Reading our own pages: sections, tables, fenced blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_CELL = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """A fenced block: its info string, its text, the line of its fence."""

    info: str
    text: str
    line: int


def page(name: str) -> str:
    """The text of a page under docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def sections(text: str, level: int) -> dict[str, str]:
    """The sections of that level by title; a section ends at the next heading of its level or above."""
    found: dict[str, str] = {}
    title = None
    for line in _unfenced(text):
        heading = re.match(r"(#+) (.*)", line)
        if heading and len(heading.group(1)) <= level:
            title = heading.group(2) if len(heading.group(1)) == level else None
            if title is not None:
                assert title not in found, f"two sections {title!r}"
                found[title] = ""
        elif title is not None:
            found[title] += line + "\n"
    return found


def table(text: str) -> list[dict[str, str]]:
    """The rows of the first table in a text, by column."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines, "no table"
    after = text[text.index(lines[0]) :].split("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in _CELL.split(line.strip("|"))] for line in after]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def codes(cell: str) -> list[str]:
    """What stands in a cell as code."""
    return _CODE.findall(cell)


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    held: list[str] | None = None
    info, began = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("```"):
            if held is None:
                held, info, began = [], line[3:].strip(), number
            else:
                yield Block(info, "".join(f"{kept}\n" for kept in held), began)
                held = None
        elif held is not None:
            held.append(line)
    assert held is None, f"the fence of line {began} is not closed"


def _unfenced(text: str) -> Iterator[str]:
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        yield line if not fenced else f" {line}"
