"""The steps of a scenario, however they are bulleted, bold, spelt and wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import cast

from pdpp_tck.openspec.lines import BULLETS, Line, collapsed
from pdpp_tck.openspec.tree import Keyword, Step

_WORDS = "GIVEN|WHEN|THEN|AND|BUT|OR|UNLESS"
_BOLD = re.compile(rf"(?P<mark>\*{{1,3}}|_{{1,3}})(?P<word>{_WORDS})[\s:]*(?P=mark)[\s:]*(?P<text>.*)", re.I)
_PLAIN = re.compile(rf"(?P<word>{_WORDS})(?:[\s:]+|$)(?P<text>.*)", re.I)
_FOLLOWING = ("AND", "BUT", "OR", "UNLESS")


def steps_of(lines: Sequence[Line]) -> tuple[tuple[Step, ...], list[Line]]:
    """The steps, and the lines that belong to none.

    A line goes on with the step before it when it is further in, or follows without a blank line.
    """
    begun: list[tuple[Keyword, list[str], Line]] = []
    stray: list[Line] = []
    blank = True
    for line in lines:
        if not line.text:
            blank = True
            continue
        found = _begins(line, begun[0][2] if begun else None)
        bulleted = BULLETS.match(line.text)
        if found is not None:
            begun.append((found[0], [found[1]], line))
        elif begun and (line.indent > begun[-1][2].indent or not (blank or bulleted)):
            begun[-1][1].append(line.text[bulleted.end() if bulleted else 0 :])
        else:
            stray.append(line)
        blank = False
    return tuple(_steps(begun)), stray


def _begins(line: Line, first: Line | None) -> tuple[Keyword, str] | None:
    """The keyword and the text of a line that begins a step; `first` began the scenario's first one."""
    bulleted = BULLETS.match(line.text)
    said = line.text[bulleted.end() if bulleted else 0 :]
    found = _BOLD.fullmatch(said)
    if found is None:
        plain = _PLAIN.fullmatch(said)
        found = plain if plain and _stands(plain["word"], line, first, bool(bulleted)) else None
    return (cast(Keyword, found["word"].upper()), found["text"]) if found else None


def _stands(word: str, line: Line, first: Line | None, bulleted: bool) -> bool:
    """Whether a word without stars is a keyword: not where prose was wrapped, or listed, before it."""
    level = first is None or line.indent <= first.indent
    alike = first is None or bulleted or _bare(first)
    return (word.isupper() and (level or bulleted)) or (word.istitle() and level and alike)


def _bare(line: Line) -> bool:
    return BULLETS.match(line.text) is None and line.text[0] not in "*_"


def _steps(begun: list[tuple[Keyword, list[str], Line]]) -> Iterator[Step]:
    outcome = False
    for keyword, texts, line in begun:
        outcome = outcome if keyword in _FOLLOWING else keyword == "THEN"
        yield Step(keyword, collapsed(" ".join(texts)), outcome, line.number)
