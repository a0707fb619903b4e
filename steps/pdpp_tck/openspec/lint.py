"""What OpenSpec's own tool accepts and what yet has no effect, or not the meant one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pdpp_tck.openspec.finding import Finding
from pdpp_tck.openspec.tree import SpecFile, SpecRequirement, SpecScenario


def lint_file(file: SpecFile) -> Iterator[Finding]:
    """Findings of one file's tree."""
    titles = [(requirement.title, requirement.line) for requirement in file.requirements]
    yield from _repeated(Finding(file.path, 0, file.change or file.capability, "requirement", ""), titles)
    for requirement in file.requirements:
        if requirement.operation != "REMOVED":
            yield from _requirement(requirement)


def _requirement(requirement: SpecRequirement) -> Iterator[Finding]:
    id = f"{requirement.change or requirement.capability}: {requirement.title}"
    here = Finding(requirement.file, requirement.line, id, "", "")
    if not requirement.title:
        yield replace(here, kind="no-title", message="the requirement has no title; give it one")
    if not requirement.scenarios:
        message = "the requirement has no scenario; write one below #### Scenario:"
        yield replace(here, kind="no-scenario", message=message)
    titles = [(scenario.title, scenario.line) for scenario in requirement.scenarios]
    yield from _repeated(replace(here, kind="scenario"), titles)
    for scenario in requirement.scenarios:
        yield from _scenario(scenario, replace(here, id=f"{id}: {scenario.title}", line=scenario.line))


def _scenario(scenario: SpecScenario, here: Finding) -> Iterator[Finding]:
    if not scenario.title:
        yield replace(here, kind="no-title", message="the scenario has no title; give it one")
    if not scenario.steps:
        message = "the scenario has no step; write - **WHEN** and - **THEN**"
        yield replace(here, kind="empty-scenario", message=message)
        return
    if not any(step.keyword == "THEN" for step in scenario.steps):
        message = "the scenario has no THEN, so it obliges nobody; write what is to be seen"
        yield replace(here, kind="no-then", message=message)
    for step in scenario.steps:
        if not step.text:
            message = f"{step.keyword} says nothing; complete it or delete it"
            yield replace(here, line=step.line, kind="empty-step", message=message)
    first = scenario.steps[0]
    if first.keyword in ("AND", "BUT", "OR", "UNLESS"):
        message = f"{first.keyword} follows nothing and is read as a premise; begin with WHEN or THEN"
        yield replace(here, line=first.line, kind="first-step", message=message)


def _repeated(what: Finding, titles: Iterable[tuple[str, int]]) -> Iterator[Finding]:
    """Titles of which there are two, in one spelling or apart from case."""
    seen: dict[str, tuple[str, int]] = {}
    for title, line in titles:
        first, there = seen.setdefault(title.casefold(), (title, line))
        if there == line:
            continue
        id = f"{what.id}: {title}"
        if first == title:
            message = f"the {what.kind} {title!r} is at line {there} too; rename one"
            yield replace(what, line=line, id=id, kind=f"duplicate-{what.kind}", message=message)
        else:
            message = f"differs from {first!r} at line {there} by case only; rename one"
            yield replace(what, line=line, id=id, kind="case-duplicate", message=message)
