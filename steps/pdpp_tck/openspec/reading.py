"""From the text of one spec.md to its tree, and what in it is said without effect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pdpp_tck.openspec.blocks import Block, blocks_of
from pdpp_tck.openspec.finding import Finding
from pdpp_tck.openspec.lines import Line, lines_of, paragraphs
from pdpp_tck.openspec.names import gone, renames
from pdpp_tck.openspec.sentence import Sentence
from pdpp_tck.openspec.steps import steps_of
from pdpp_tck.openspec.tree import OPERATIONS, Operation, Rename, SpecFile, SpecRequirement, SpecScenario

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_OBLIGES = re.compile(r"\b(SHALL|MUST|MAY)\b")


def parse(text: str, path: Path, change: str, capability: str) -> tuple[SpecFile, tuple[Finding, ...]]:
    """The tree of a spec.md, a change's or with an empty ``change`` a main one; any text has one."""
    reader = _Reader(path, change, capability)
    lines, unended = lines_of(text)
    for number in unended:
        reader.say(
            number, "unended", "code or a comment begins here and never ends; nothing below it is read"
        )
    for section in _split(blocks_of(lines), _opens_section):
        reader.section(section)
    # Sections of one kind are one, however often they are begun.
    found = sorted(reader.requirements, key=lambda requirement: OPERATIONS.index(requirement.operation))
    return SpecFile(path, change, capability, tuple(found), tuple(reader.renames)), tuple(reader.findings)


@dataclass(slots=True)
class _Reader:
    """Takes the blocks of one file in order, and keeps what they make."""

    path: Path
    change: str
    capability: str
    requirements: list[SpecRequirement] = field(default_factory=list)
    renames: list[Rename] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def say(self, line: int, kind: str, message: str, *titles: str) -> None:
        """A finding below these titles."""
        id = ": ".join((self.change or self.capability, *titles))
        self.findings.append(Finding(self.path, line, id, kind, message))

    def section(self, blocks: list[Block]) -> None:
        """A section: its heading, and all up to the next one."""
        head, operation = blocks[0], _operation(blocks[0], self.change)
        if operation is None:
            self._outside(blocks)
            return
        if operation == "RENAMED":
            self.renames += renames(head.lines, self.say)
        elif operation == "REMOVED":
            self.requirements += [self._gone(title, line) for title, line in gone(head.lines)]
        else:
            self._unread(head, "put it under a requirement")
        for group in _split(blocks[1:], _opens_group):
            self._group(group, operation)

    def _outside(self, blocks: list[Block]) -> None:
        sections = "ADDED, MODIFIED, REMOVED or RENAMED Requirements" if self.change else "Requirements"
        for block in blocks:
            if block.noun in ("requirement", "section") or (block.noun == "scenario" and block.depth == 4):
                message = f"stands outside of a section that counts here; put it below ## {sections}"
                self.say(block.number, "outside-section", message, block.title)

    def _group(self, blocks: list[Block], operation: Operation) -> None:
        """A requirement with its scenarios, or what stands where one should."""
        head = blocks[0]
        if head.noun != "requirement" or operation == "RENAMED":
            wanted = "- FROM: … and - TO: …" if operation == "RENAMED" else "### Requirement: …"
            for block in blocks:
                self.say(
                    block.number,
                    "unread",
                    f"neither it nor what is below is read; write {wanted}",
                    block.title,
                )
            return
        if head.depth != 3:
            self.say(
                head.number, "depth", f"begins with {'#' * head.depth}; write ### Requirement:", head.title
            )
        if operation == "REMOVED":
            self.requirements.append(self._gone(head.title, head.number))
            return
        scenarios = [self._scenario(head.title, block) for block in blocks[1:]]
        self.requirements.append(
            SpecRequirement(
                self.change,
                self.capability,
                head.title,
                tuple(_body(head.lines)),
                tuple(filter(None, scenarios)),
                operation,
                head.number,
                self.path,
            )
        )

    def _gone(self, title: str, line: int) -> SpecRequirement:
        return SpecRequirement(self.change, self.capability, title, (), (), "REMOVED", line, self.path)

    def _scenario(self, requirement: str, block: Block) -> SpecScenario | None:
        if block.noun != "scenario":
            self._unread(block, "put it into the requirement's body or a scenario", requirement)
            return None
        if block.depth != 4:
            message = f"begins with {'#' * block.depth}; write #### Scenario:"
            self.say(block.number, "depth", message, requirement, block.title)
        steps, stray = steps_of(block.lines)
        for line in stray:
            message = f"{line.text!r} belongs to no step; start it with - **WHEN**, - **THEN** or - **AND**"
            self.say(line.number, "stray-text", message, requirement, block.title)
        return SpecScenario(block.title, steps, block.number)

    def _unread(self, block: Block, remedy: str, *titles: str) -> None:
        """Text that obliges and is in no place where it counts."""
        for line in block.lines:
            if _OBLIGES.search(line.text):
                self.say(line.number, "unread", f"{line.text!r} is in no requirement; {remedy}", *titles)


def _operation(block: Block, change: str) -> Operation | None:
    """What a section does; None where it is none for a file of this kind."""
    counts = block.noun == "section" and bool(block.operation) == bool(change)
    return block.operation if counts else None


def _opens_section(block: Block) -> bool:
    return block.depth <= 2 and block.noun in ("section", "")


def _opens_group(block: Block) -> bool:
    return block.noun == "requirement" or (block.depth == 3 and block.noun == "")


def _split(blocks: Iterable[Block], opens: Callable[[Block], bool]) -> Iterator[list[Block]]:
    """Groups of blocks, each with the one that opens it in front."""
    group: list[Block] = []
    for block in blocks:
        if opens(block) and group:
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _body(lines: Iterable[Line]) -> Iterator[Sentence]:
    """The sentences of a requirement's body; a blank line or a bullet ends one as a full stop does."""
    number = 0
    for paragraph in paragraphs(list(lines)):
        words = [(word, line.number) for line in paragraph for word in line.text.split()]
        at = 0
        for text in _SENTENCE_END.split(" ".join(word for word, _ in words)):
            number += 1
            yield Sentence(f"R{number}", text, words[at][1])
            at += len(text.split())
