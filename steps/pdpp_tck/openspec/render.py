"""From a tree back to text: parsed, it is the same tree again."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_tck.openspec.tree import OPERATIONS, SpecFile, SpecRequirement, SpecScenario


def render(file: SpecFile) -> str:
    """The text of a spec.md as OpenSpec's own templates have it."""
    return "\n".join([f"# {file.capability}", *_sections(file)]) + "\n"


def _sections(file: SpecFile) -> Iterator[str]:
    for operation in OPERATIONS:
        requirements = list(file.of(operation))
        renamed = file.renames if operation == "RENAMED" else ()
        if requirements or renamed:
            yield f"\n## {f'{operation} Requirements'.strip()}"
        for rename in renamed:
            yield f"\n- FROM: `### Requirement: {rename.old}`"
            yield f"- TO: `### Requirement: {rename.new}`"
        for requirement in requirements:
            yield from _requirement(requirement)


def _requirement(requirement: SpecRequirement) -> Iterator[str]:
    yield f"\n### Requirement: {requirement.title}"
    for sentence in requirement.sentences:
        # What begins with a mark could be read as a heading or a line across; in a list it is neither.
        mark = "" if sentence.text[0].isalnum() else "- "
        yield f"\n{mark}{sentence.text}"
    for scenario in requirement.scenarios:
        yield from _scenario(scenario)


def _scenario(scenario: SpecScenario) -> Iterator[str]:
    yield f"\n#### Scenario: {scenario.title}\n"
    yield from (f"- **{step.keyword}** {step.text}".rstrip() for step in scenario.steps)
