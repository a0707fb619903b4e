"""Reading the specification: the requirements, scenarios and clauses of a tree of OpenSpec changes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from pdpp_tck.ledger.errors import SpecNotFound, UnreadableSpec
from pdpp_tck.ledger.sentence import Sentence

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_HEADING = re.compile(r"(?P<depth>#{1,6})\s+(?:(?P<noun>Requirement|Scenario):\s*)?(?P<title>.*\S)")
_BULLET = re.compile(r"[-*]\s+")
_STEP = re.compile(r"[-*]\s+\*\*(?P<keyword>GIVEN|WHEN|THEN|AND|BUT)\*\*:?\s*(?P<text>.*\S)")
_GONE = ("REMOVED", "RENAMED")


@dataclass(frozen=True, slots=True)
class SpecScenario:
    """A scenario: its premises (WHEN lines) as they stand, and its THEN lines as sentences."""

    title: str
    premises: tuple[str, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class SpecRequirement:
    """A requirement of one change, with the sentences of its body."""

    change: str
    capability: str
    title: str
    sentences: tuple[Sentence, ...]
    scenarios: tuple[SpecScenario, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading and the lines below it, with their numbers, blank ones included."""

    file: Path
    number: int
    depth: int
    noun: str
    title: str
    lines: tuple[tuple[int, str], ...]


def read_openspec(spec_dir: Path) -> tuple[SpecRequirement, ...]:
    """Every requirement below ``spec_dir``/changes, by path and then in file order.

    Requirements that a change removes or renames are left out. Raises SpecNotFound, UnreadableSpec.
    """
    files = sorted(spec_dir.glob("changes/*/specs/*/spec.md"))
    if not files:
        raise SpecNotFound(spec_dir)
    return tuple(requirement for file in files for requirement in _requirements(file))


def _requirements(file: Path) -> Iterator[SpecRequirement]:
    section: list[_Block] = []
    for block in _blocks(file):
        if block.depth <= 2:
            yield from _section(section)
            section = []
        section.append(block)
    yield from _section(section)


def _section(blocks: list[_Block]) -> Iterator[SpecRequirement]:
    if not blocks or blocks[0].title.split()[0] in _GONE:
        return
    below = list(blocks[1:])
    while below:
        first = below.pop(0)
        if first.noun != "Requirement":
            raise UnreadableSpec(first.file, first.number, first.title, "put it under a requirement")
        scenarios = list(takewhile(lambda block: block.noun != "Requirement", below))
        del below[: len(scenarios)]
        yield _requirement(first, scenarios)


def _requirement(block: _Block, scenarios: list[_Block]) -> SpecRequirement:
    return SpecRequirement(
        change=block.file.parents[2].name,
        capability=block.file.parent.name,
        title=block.title,
        sentences=_numbered("R", _body(block)),
        scenarios=tuple(_scenario(scenario) for scenario in scenarios),
    )


def _scenario(block: _Block) -> SpecScenario:
    if block.noun != "Scenario":
        raise UnreadableSpec(
            block.file, block.number, block.title, "only scenarios stand under a requirement"
        )
    steps = _steps(block)
    premises = tuple(text for outcome, text in steps if not outcome)
    return SpecScenario(block.title, premises, _numbered("T", (text for outcome, text in steps if outcome)))


def _blocks(file: Path) -> Iterator[_Block]:
    lines = list(enumerate(file.read_text(encoding="utf-8").splitlines(), 1))
    headings = [
        (index, match) for index, (_, line) in enumerate(lines) if (match := _HEADING.fullmatch(line))
    ]
    if not headings:
        raise UnreadableSpec(file, 1, "", "a spec.md without a heading requires nothing")
    ends = [*(index for index, _ in headings[1:]), len(lines)]
    for (index, heading), end in zip(headings, ends, strict=True):
        depth, noun, title = len(heading["depth"]), heading["noun"] or "", heading["title"]
        yield _Block(file, index + 1, depth, noun, title, tuple(lines[index + 1 : end]))


def _body(block: _Block) -> Iterator[str]:
    """The sentences of a requirement's body; a blank line or a bullet ends one as a full stop does."""
    paragraphs = [""]
    for _, line in block.lines:
        bullet = _BULLET.match(line.strip())
        if bullet or not line.strip():
            paragraphs.append("")
        paragraphs[-1] += " " + line.strip()[bullet.end() if bullet else 0 :]
    for paragraph in paragraphs:
        yield from filter(None, _SENTENCE_END.split(_collapsed(paragraph)))


def _steps(block: _Block) -> list[tuple[bool, str]]:
    """(is it an outcome, text) of each step line; AND and BUT are what the line before them is."""
    steps: list[tuple[bool, str]] = []
    for number, line in block.lines:
        step = _STEP.fullmatch(line.strip())
        if step and (steps or step["keyword"] not in ("AND", "BUT")):
            follows = step["keyword"] in ("AND", "BUT")
            steps.append((steps[-1][0] if follows else step["keyword"] == "THEN", _collapsed(step["text"])))
        elif line.startswith(" ") and line.strip() and steps and not _BULLET.match(line.strip()):
            steps[-1] = (steps[-1][0], _collapsed(steps[-1][1] + " " + line))
        elif line.strip():
            raise UnreadableSpec(
                block.file, number, line, "start it with '- **WHEN**', '- **THEN**' or '- **AND**'"
            )
    return steps


def _numbered(letter: str, texts: Iterable[str]) -> tuple[Sentence, ...]:
    return tuple(Sentence(f"{letter}{number}", text) for number, text in enumerate(texts, 1))


def _collapsed(text: str) -> str:
    return " ".join(text.split())
