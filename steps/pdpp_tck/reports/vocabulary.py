"""The vocabulary told: every sentence with what it means, what it takes and where it is used."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from pytest_bdd.steps import StepFunctionContext

from pdpp_tck.features import Scenario, Step
from pdpp_tck.lint.sentences import BUDGET, defined, placeholders

_ORDER = ("given", "when", "then")
_SHOWN = 3
_QUOTE, _CODE = '"', "`"
_TAKEN = {"": "text", "d": "a whole number", "g": "a number", "f": "a number", "w": "one word"}
HEAD = """# Vocabulary

Every sentence that a step of a scenario may use: what it means, what it takes, and where it is used.
`pdpp-tck steps 'what you want to say'` finds the nearest. This page is written by
`pdpp-tck steps --update`, not by hand.
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a sentence says differently from use to use: its name, what it takes, and some that were given."""

    name: str
    takes: str
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `used` has the ids of scenarios, `tables` the heads of the tables that stood below it."""

    kind: str
    text: str
    says: str
    parameters: tuple[Parameter, ...]
    tables: tuple[tuple[str, ...], ...]
    used: tuple[str, ...]
    module: str
    line: int


def sentence(context: StepFunctionContext, scenarios: Sequence[Scenario]) -> Sentence:
    """A sentence as these scenarios use it."""
    uses = [(scenario, step) for scenario in scenarios for step in scenario.steps if _is(context, step)]
    tables = dict.fromkeys(step.columns for _, step in uses if step.columns)
    parameters = inspect.signature(context.step_func).parameters
    return Sentence(
        kind=context.type or "",
        text=context.parser.name,
        says=inspect.cleandoc(context.step_func.__doc__ or ""),
        parameters=tuple(_parameters(context, [step for _, step in uses])),
        tables=tuple(tables) if "datatable" in parameters else (),
        used=tuple(dict.fromkeys(scenario.id for scenario, _ in uses)),
        module=context.step_func.__module__,
        line=defined(context)[1],
    )


def ordered(contexts: Sequence[StepFunctionContext]) -> list[StepFunctionContext]:
    """Given, When, Then, and of each kind module by module."""
    return sorted(
        contexts, key=lambda c: (_ORDER.index(c.type or "given"), c.step_func.__module__, c.parser.name)
    )


def as_text(sentences: Sequence[Sentence]) -> str:
    """A sentence with what is to be known of it below."""
    return "\n".join(line for each in sentences for line in (*_lines(each), ""))


def as_json(sentences: Sequence[Sentence]) -> str:
    """A list of objects with the fields of a Sentence."""
    return json.dumps([asdict(each) for each in sentences], indent=2, ensure_ascii=False)


def as_markdown(sentences: Sequence[Sentence]) -> str:
    """A page with a section a kind."""
    lines = [HEAD]
    for kind in _ORDER:
        lines += [f"## {kind.title()}", ""]
        for each in sentences:
            if each.kind == kind:
                lines += [f"### {kind.title()} `{each.text}`", "", each.says, "", *_facts(each), ""]
    return "\n".join(lines)


def page(sentences: Sequence[Sentence]) -> str:
    """The whole page of a vocabulary of ours, which is bounded."""
    return f"{as_markdown(sentences)}{len(sentences)} sentences of at most {BUDGET}.\n"


def _lines(each: Sentence) -> Iterator[str]:
    yield f"{each.kind.title():5} {each.text}"
    for line in each.says.splitlines():
        yield f"      {line}"
    for parameter in each.parameters:
        yield f"      {parameter.name} takes {parameter.takes}{_given(parameter, _QUOTE)}"
    for columns in each.tables:
        yield f"      below it a table | {' | '.join(columns)} |"
    yield f"      used in {', '.join(each.used) or 'no scenario'}"


def _facts(each: Sentence) -> Iterator[str]:
    for parameter in each.parameters:
        yield f"* `{parameter.name}` takes {parameter.takes}{_given(parameter, '`')}"
    for columns in each.tables:
        yield f"* below it a table `| {' | '.join(columns)} |`"
    yield f"* used in {', '.join(each.used) or 'no scenario'}"


def _given(parameter: Parameter, quote: str) -> str:
    given = ", ".join(f"{quote}{value}{quote}" for value in parameter.given)
    return f", as {given}" if given else ""


def _parameters(context: StepFunctionContext, steps: Sequence[Step]) -> Iterator[Parameter]:
    said = [context.parser.parse_arguments(step.text) or {} for step in steps]
    for name, format_ in placeholders(context).items():
        given = dict.fromkeys(str(arguments[name]) for arguments in said)
        yield Parameter(name, _TAKEN.get(format_, format_), tuple(given)[:_SHOWN])


def _is(context: StepFunctionContext, step: Step) -> bool:
    return context.type == step.kind and context.parser.is_matching(step.text)
