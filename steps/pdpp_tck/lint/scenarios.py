"""Scenarios against the ledger and the vocabulary: ids, tags, mapping comments, bound steps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_bdd.steps import StepFunctionContext

from pdpp_tck.authors.folder import LEDGER
from pdpp_tck.authors.rows import line_of
from pdpp_tck.features import CONTROL, KINDS, Scenario, Step
from pdpp_tck.ledger import DERIVATIONS, Ledger
from pdpp_tck.lint.sentences import sentences
from pdpp_tck.nearness import nearest_sentences
from pdpp_tck.subject import CLAIMS

STEPS = 7
_ORDER = ("given", "when", "then")


def scenario_problems(roots: Sequence[Path], scenarios: list[Scenario], ledger: Ledger) -> Iterator[str]:
    """Problems of each scenario, and of all of them against what the ledger obliges."""
    yield from _equal_names(scenarios)
    yield from _missing(roots, scenarios, ledger)
    known = sentences()
    for scenario in scenarios:
        yield from _scenario(scenario, ledger, known)


def _scenario(scenario: Scenario, ledger: Ledger, sentences: Sequence[StepFunctionContext]) -> Iterator[str]:
    where = f"{scenario.path}:{scenario.line}"
    if not scenario.steps:
        yield f"{where}: scenario {scenario.name!r} is empty; write its steps or delete it"
    yield from _tags(scenario, ledger, where)
    yield from _length(scenario, where)
    yield from _order(scenario)
    for step in scenario.steps:
        yield from _bound(scenario, step, sentences)
    if scenario.id in _ids(ledger):
        yield from _mapping(scenario, ledger)
        yield from _derivation(scenario, ledger)
        yield from _control(scenario, ledger, where)


def _order(scenario: Scenario) -> Iterator[str]:
    """The scene is set, then something is asked, then all of it is judged."""
    latest = 0
    for step in scenario.steps:
        place = _ORDER.index(step.kind) if step.kind in _ORDER else latest
        if place < latest:
            kind, late = step.kind.title(), _ORDER[latest].title()
            yield f"{scenario.path}:{step.line}: a {kind} after a {late}; say first what comes first"
        latest = max(latest, place)
    if scenario.steps and latest < _ORDER.index("then"):
        yield f"{scenario.path}:{scenario.line}: scenario {scenario.name!r} has no Then; say what is judged"


def _control(scenario: Scenario, ledger: Ledger, where: str) -> Iterator[str]:
    """Who does nothing breaks no prohibition, so something has to be seen beside it."""
    clauses = ledger.scenario(scenario.id).obliged(scenario.kind)
    forbidden = bool(clauses) and all(clause.level == "SHALL NOT" for clause in clauses)
    controlled = any(CONTROL in step.judges for step in scenario.steps)
    if forbidden and not controlled:
        yield f"{where}: {scenario.id} only forbids; add a Then below # {CONTROL} that sees something done"


def _length(scenario: Scenario, where: str) -> Iterator[str]:
    """One behaviour a scenario, short enough to be read at once; the profile's rules ask nothing."""
    if len(scenario.steps) > STEPS:
        yield f"{where}: {len(scenario.steps)} steps are more than {STEPS}; say less, or use a table"
    whens = [step for step in scenario.steps if step.kind == "when"]
    if scenario.steps and len(whens) != 1 and scenario.derived != "profile":
        yield f"{where}: {len(whens)} Whens where one behaviour has one"


def _tags(scenario: Scenario, ledger: Ledger, where: str) -> Iterator[str]:
    known = {f"claim.{claim}" for claims in CLAIMS.values() for claim in claims}
    for tag in sorted(scenario.tags & known - {f"claim.{claim}" for claim in CLAIMS[scenario.kind]}):
        yield f"{where}: @{tag} is no claim of a {scenario.kind}, which is what is judged"
    for tag in sorted(scenario.tags - known - set(KINDS) - set(DERIVATIONS) - _ids(ledger)):
        near = ledger.nearest(tag)
        yield f"{where}: unknown tag @{tag}{f'; did you mean @{near}?' if near else ''}"
    if len(scenario.tags & _ids(ledger)) != 1:
        yield f"{where}: scenario {scenario.name!r} needs exactly one id tag such as @PR-01.1"
    if len(scenario.tags & set(KINDS)) != 1:
        yield f"{where}: scenario {scenario.name!r} needs exactly one of {', '.join('@' + k for k in KINDS)}"


def _derivation(scenario: Scenario, ledger: Ledger) -> Iterator[str]:
    """What is ours is marked so: the spec's scenarios carry neither mark, and the ledger agrees."""
    due = ledger.scenario(scenario.id).derived
    if scenario.derived != due:
        wanted = f"the tag @{due}" if due else "neither @body nor @advice"
        yield f"{scenario.path}:{scenario.line}: {scenario.id} has {wanted} in the ledger"


def _bound(scenario: Scenario, step: Step, sentences: Sequence[StepFunctionContext]) -> Iterator[str]:
    where = f"{scenario.path}:{step.line}"
    matching = [c for c in sentences if c.type == step.kind and c.parser.is_matching(step.text)]
    if not matching:
        near = _nearest(step, sentences)
        yield f"{where}: no step definition for {step.kind.title()} {step.text!r}; {near}"
    if len(matching) > 1:
        yield f"{where}: {len(matching)} step definitions match {step.kind.title()} {step.text!r}"
    if step.kind == "then" and not step.judges:
        yield f"{where}: the comment above a Then names what it judges, such as # T1 or # {CONTROL}"


def _nearest(step: Step, known: Sequence[StepFunctionContext]) -> str:
    """The sentences that may have been meant, those of its own kind first."""
    keyword = step.kind.title()
    near = nearest_sentences(f"{keyword} {step.text}", known) or nearest_sentences(step.text, known)
    told = ", ".join(f"{(context.type or '').title()} {context.parser.name!r}" for context in near)
    return f"the nearest are {told}" if near else "none is near: `pdpp-tck steps` lists all"


def _mapping(scenario: Scenario, ledger: Ledger) -> Iterator[str]:
    """Each obliged clause is named by a Then, and each name is an obliged clause."""
    due = {clause.id.rpartition("/")[2] for clause in ledger.scenario(scenario.id).obliged(scenario.kind)}
    named = {name for step in scenario.steps for name in step.judges} - {CONTROL}
    where = f"{scenario.path}:{scenario.line}"
    for name in sorted(named - due):
        yield f"{where}: {scenario.id}/{name} obliges no {scenario.kind}; the ledger says so"
    for name in sorted(due - named):
        yield f"{where}: no Then judges {scenario.id}/{name} for the {scenario.kind}"


def _equal_names(scenarios: list[Scenario]) -> Iterator[str]:
    """pytest-bdd silently drops the second of two scenarios of one name in a file."""
    seen: dict[tuple[object, str], Scenario] = {}
    pairs: dict[tuple[str, str], Scenario] = {}
    for scenario in scenarios:
        first = seen.setdefault((scenario.path, scenario.name), scenario)
        if first is not scenario:
            yield f"{scenario.path}:{scenario.line}: the name {scenario.name!r} is taken at line {first.line}"
        other = pairs.setdefault((scenario.id, scenario.kind), scenario)
        if other is not scenario and scenario.id:
            where = f"{other.path}:{other.line}"
            what = f"{scenario.id} is judged for the {scenario.kind} at {where} too"
            yield f"{scenario.path}:{scenario.line}: {what}"


def _missing(roots: Sequence[Path], scenarios: list[Scenario], ledger: Ledger) -> Iterator[str]:
    written: dict[str, set[str]] = defaultdict(set)
    for scenario in scenarios:
        written[scenario.id].add(scenario.kind)
    for entry in ledger.judged:
        for kind in KINDS:
            if entry.obliged(kind) and kind not in written[entry.id]:
                places = [(root / LEDGER, line_of(root / LEDGER, entry.id)) for root in roots]
                # The entry is in one of them; where its line cannot be told, in the last.
                file, line = next((place for place in places if place[1] > 1), places[-1])
                yield f"{file}:{line}: {entry.id} obliges a {kind} and no scenario judges it"


def _ids(ledger: Ledger) -> set[str]:
    return {scenario.id for scenario in ledger.judged}
