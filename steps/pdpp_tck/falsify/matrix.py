"""The kill matrix: which clauses mutants and variants are there for, and how each of these came out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pdpp_tck.falsify.declared import Declared, Mutant, Variant
from pdpp_tck.falsify.outcome import Outcome, Tried
from pdpp_tck.falsify.share import Share
from pdpp_tck.falsify.trials import kind_of
from pdpp_tck.features import CONTROL, Scenario, requirement_of
from pdpp_tck.ledger import Clause, Ledger

HOW = "docs/guide-spec-authors.md shows how to write one"


def matrix(due: Share, ledger: Ledger, made: Sequence[Tried], complete: bool) -> dict[str, Any]:
    """The matrix of a whole falsification, with its digest; `complete` says that nothing was missing."""
    told = [each.declared for each in made]
    outcomes = {_key(each.declared): each.outcome.value for each in made}
    clauses = [
        {
            "id": clause.id,
            "level": clause.level,
            "mutants": [
                {"name": m.name, "outcome": outcomes[_key(m)]} for m in mutants_of(clause, told, ledger)
            ],
            "variants": [variant.name for variant in variants_of(clause, told)],
        }
        for clause in ledger.clauses
        if clause in due.clauses or mutants_of(clause, told, ledger)
    ]
    variants = [
        {"name": each.name, "outcome": outcomes[_key(each)]} for each in told if isinstance(each, Variant)
    ]
    conformant = complete and all(each.right for each in made)
    content: dict[str, Any] = {"clauses": clauses, "variants": variants, "conformant": conformant}
    return {"digest": digest_of(content, due.scenarios, told), **content}


def digest_of(content: dict[str, Any], scenarios: Sequence[Scenario], told: Sequence[Declared]) -> str:
    """SHA-256 hex over what a matrix says, the texts of the scenarios, the declarations and their sources."""
    modules = sorted({each.plugin.partition(":")[0] for each in told if each.plugin})
    inputs = {
        "content": {name: value for name, value in content.items() if name != "digest"},
        "scenarios": sorted((scenario.id, scenario.kind, scenario.digest) for scenario in scenarios),
        "declared": [asdict(each) for each in told],
        "sources": {module: _source_digest(module) for module in modules},
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def gaps(clauses: Sequence[Clause], told: Sequence[Declared], ledger: Ledger) -> Iterator[str]:
    """Every clause among `clauses` that lacks a mutant for a kind that it binds, or a variant either way."""
    for clause in (clause for clause in clauses if not clause.excluded):
        if clause.level == "MAY":
            yield from _unproven_freedom(clause, told, ledger)
            continue
        mutants = mutants_of(clause, told, ledger)
        for kind in clause.kinds:
            if all(kind_of(mutant, ledger) != kind for mutant in mutants):
                yield f"{clause.id}: no mutant of the {kind} breaks it; {HOW}"


def idle_steps(scenarios: Sequence[Scenario], made: Sequence[Tried], ledger: Ledger) -> Iterator[str]:
    """Every Then that caught no mutant of a clause that it judges: it might as well be empty.

    Only of scenarios on which mutants were tried and that apply here.
    """
    caught = {place for each in made for place in each.caught_at}
    applies = {
        (ledger.observation(each.declared.breaks).id, kind_of(each.declared, ledger))
        for each in made
        if isinstance(each.declared, Mutant) and each.outcome is not Outcome.NOT_APPLICABLE
    }
    for scenario in scenarios:
        for step in scenario.steps:
            for name in (f"{scenario.id}/{short}" for short in step.judges if short != CONTROL):
                if (name, scenario.kind) in applies and (scenario.id, scenario.kind, step.line) not in caught:
                    where = f"{scenario.path.name}:{step.line}"
                    yield f"{name}: the Then at {where} catches none of its mutants; {HOW}"


def mutants_of(clause: Clause, told: Sequence[Declared], ledger: Ledger) -> list[Mutant]:
    """The mutants that break a clause, or the clause that is the same observation."""
    observed = ledger.observation(clause.id).id
    return [m for m in told if isinstance(m, Mutant) and ledger.observation(m.breaks).id == observed]


def variants_of(clause: Clause, told: Sequence[Declared]) -> list[Variant]:
    """The variants that use or leave a clause's permission, or are judged by the scenario that sees it."""
    scenario = clause.id.rpartition("/")[0]
    near = {clause.id, scenario, requirement_of(clause.id)}
    return [v for v in told if isinstance(v, Variant) and near & {*v.takes, *v.leaves, *v.judged_by}]


def _unproven_freedom(clause: Clause, told: Sequence[Declared], ledger: Ledger) -> Iterator[str]:
    observed = ledger.observation(clause.id).id
    variants = [each for each in told if isinstance(each, Variant)]
    for verb, named in (
        ("takes", {name for variant in variants for name in variant.takes}),
        ("leaves", {name for variant in variants for name in variant.leaves}),
    ):
        if observed not in {ledger.observation(name).id for name in named}:
            yield f"{clause.id}: no variant {verb} this permission; {HOW}"


def _key(each: Declared) -> tuple[str, str]:
    return (each.name, each.breaks if isinstance(each, Mutant) else "")


def _source_digest(module: str) -> str:
    spec = find_spec(module)
    assert spec is not None, f"{module} was imported before"
    assert spec.origin is not None, f"{module} has no source"
    return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()
