"""What an author's folder says again that is ours: it would hide what ours means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_bdd.steps import StepFunctionContext

from pdpp_tck.authors.folder import Folder
from pdpp_tck.features import Scenario
from pdpp_tck.lint.sentences import defined, of_author, sentences

_HOLE = re.compile(r"\{[^}]*\}")


def shadow_problems(scenarios: Sequence[Scenario], folder: Folder | None) -> Iterator[str]:
    """Names of scenarios and sentences of a folder beside ours that are ours; ids are the ledger's affair."""
    if folder is None:
        return
    theirs = [s for s in scenarios if s.path.is_relative_to(folder.root)] if not folder.whole else []
    names = {scenario.name.casefold(): scenario for scenario in scenarios if scenario not in theirs}
    for scenario in theirs:
        ours = names.get(scenario.name.casefold())
        if ours is not None:
            what = f"the name {scenario.name!r} is that of {ours.id} of ours; give another"
            yield f"{scenario.path}:{scenario.line}: {what}"
    known = [context for context in sentences() if not of_author(context)]
    for context in filter(of_author, sentences()):
        yield from _sentence(context, known, [s for s in scenarios if s not in theirs])


def _sentence(
    context: StepFunctionContext, known: Sequence[StepFunctionContext], scenarios: Sequence[Scenario]
) -> Iterator[str]:
    path, line = defined(context)
    where, name = f"{path}:{line}", context.parser.name
    for ours in known:
        if ours.type == context.type and _overlap(context, ours):
            file, at = defined(ours)
            yield f"{where}: {name!r} is the sentence {ours.parser.name!r} of ours, {file}:{at}; say another"
            return
    for scenario in scenarios:
        for step in scenario.steps:
            if step.kind == context.type and context.parser.is_matching(step.text):
                what = f"{name!r} would take the step {step.text!r} of {scenario.id}; say another"
                yield f"{where}: {what}"
                return


def _overlap(one: StepFunctionContext, other: StepFunctionContext) -> bool:
    """Whether a step could be either: by their texts, whatever the names of what they leave open."""
    if _HOLE.sub("{}", one.parser.name) == _HOLE.sub("{}", other.parser.name):
        return True
    return one.parser.is_matching(other.parser.name) or other.parser.is_matching(one.parser.name)
