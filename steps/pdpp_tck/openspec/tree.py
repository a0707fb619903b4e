"""What an OpenSpec text says, as a tree; two trees are equal when they say the same, on whatever lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pdpp_tck.openspec.sentence import Sentence

Keyword = Literal["GIVEN", "WHEN", "THEN", "AND", "BUT", "OR", "UNLESS"]
Operation = Literal["ADDED", "MODIFIED", "REMOVED", "RENAMED", ""]
"""What a change does to a requirement; empty for those of a main spec."""

OPERATIONS: tuple[Operation, ...] = ("", "ADDED", "MODIFIED", "REMOVED", "RENAMED")

_OWN_CLAUSE = ("THEN", "AND", "BUT")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a scenario; AND, BUT, OR and UNLESS are an outcome where the line before them is one."""

    keyword: Keyword
    text: str
    outcome: bool
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SpecScenario:
    """A scenario with its steps."""

    title: str
    steps: tuple[Step, ...]
    line: int = field(default=0, compare=False)

    @property
    def premises(self) -> tuple[str, ...]:
        """What is given, and what happens."""
        return tuple(step.text for step in self.steps if not step.outcome)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """A sentence for each THEN and each AND or BUT after it; OR and UNLESS belong to the one before."""
        made: list[tuple[str, int]] = []
        for step in (step for step in self.steps if step.outcome and step.text):
            if step.keyword in _OWN_CLAUSE or not made:
                made.append((step.text, step.line))
            else:
                text, line = made[-1]
                made[-1] = (f"{text} {step.keyword} {step.text}", line)
        return tuple(Sentence(f"T{n}", text, line) for n, (text, line) in enumerate(made, 1))


@dataclass(frozen=True, slots=True)
class SpecRequirement:
    """A requirement, the sentences of its body and its scenarios, and where it stands."""

    change: str
    capability: str
    title: str
    sentences: tuple[Sentence, ...] = ()
    scenarios: tuple[SpecScenario, ...] = ()
    operation: Operation = "ADDED"
    line: int = field(default=0, compare=False)
    file: Path = field(default=Path(), compare=False)


@dataclass(frozen=True, slots=True)
class Rename:
    """A requirement's old title and its new one."""

    old: str
    new: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class SpecFile:
    """One spec.md: a change's, or with an empty ``change`` a main one."""

    path: Path = field(compare=False)
    change: str
    capability: str
    requirements: tuple[SpecRequirement, ...]
    renames: tuple[Rename, ...] = ()

    def of(self, operation: Operation) -> Iterator[SpecRequirement]:
        """The requirements of one kind of section."""
        return (requirement for requirement in self.requirements if requirement.operation == operation)
