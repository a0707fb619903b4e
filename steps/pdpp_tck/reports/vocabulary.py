"""The vocabulary as text: every sentence with what it means and where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_bdd.steps import StepFunctionContext

from pdpp_tck.assembly import read_requirements
from pdpp_tck.lint.sentences import BUDGET, sentences, uses

_ORDER = ("given", "when", "then")


def told(features: Path | None) -> str:
    """Each Given, When and Then by kind and module; raises UsageError for features that lint refuses."""
    _, scenarios, _ = read_requirements(features)
    found = sorted(sentences(), key=_place)
    lines = [
        line for context in found for line in _sentence(context, [s.id for s in uses(context, scenarios)])
    ]
    return "\n".join([*lines, f"{len(found)} sentences of at most {BUDGET}"])


def _sentence(context: StepFunctionContext, used: list[str]) -> Iterator[str]:
    yield f"{(context.type or '').title():5} {context.parser.name}"
    for line in (context.step_func.__doc__ or "").strip().splitlines():
        yield f"      {line.strip()}"
    yield f"      used in {', '.join(dict.fromkeys(used)) or 'no scenario'}"
    yield ""


def _place(context: StepFunctionContext) -> tuple[int, str, str]:
    return _ORDER.index(context.type or "given"), context.step_func.__module__, context.parser.name
