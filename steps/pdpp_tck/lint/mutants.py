"""Whether the kit is proven: every clause with its mutants and variants, and a matrix that is theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pdpp_tck.falsify.declared import Declared, Mutant
from pdpp_tck.falsify.matrix import HOW, digest_of, gaps
from pdpp_tck.features import Scenario, requirement_of
from pdpp_tck.ledger import Ledger
from pdpp_tck.matrix import FILE, MatrixError, read_matrix

REMEDY = "run `pdpp-tck falsify --update` and commit what it writes"


def mutant_problems(
    root: Path, scenarios: Sequence[Scenario], ledger: Ledger, told: Sequence[Declared]
) -> list[str]:
    """Each as `file: what is wrong and what to do`."""
    wrong = list(_misdirected(told, ledger))
    if wrong:
        return wrong
    ledger_file = root / "requirements.toml"
    missing = [f"{ledger_file}: {gap}" for gap in gaps(ledger.clauses, told, ledger)]
    return [*missing, *_stale(root, scenarios, told)]


def _misdirected(told: Sequence[Declared], ledger: Ledger) -> Iterator[str]:
    clauses = {clause.id for clause in ledger.clauses}
    judged = {scenario.id for scenario in ledger.judged}
    for each in told:
        if isinstance(each, Mutant):
            wrong = {each.breaks} - clauses
            if not each.complains:
                yield f"{each.plugin}: {each.name} says of no reason that it is the right one; {HOW}"
        else:
            known = judged | {requirement_of(identifier) for identifier in judged}
            wrong = ({*each.takes, *each.leaves, *each.unseen} - clauses) | (set(each.judged_by) - known)
        for identifier in sorted(wrong):
            near = ledger.nearest(identifier)
            yield f"{each.plugin}: {each.name} names {identifier}, which nothing has; did you mean {near}?"


def _stale(root: Path, scenarios: Sequence[Scenario], told: Sequence[Declared]) -> Iterator[str]:
    file = root / FILE
    try:
        matrix = read_matrix(root)
    except MatrixError as error:
        yield str(error)
        return
    if matrix is None:
        yield f"{file}: is not there; {REMEDY}"
        return
    if matrix.digest != digest_of(json.loads(file.read_text(encoding="utf-8")), scenarios, told):
        yield f"{file}: scenarios, mutants or variants have changed since; {REMEDY}"
    if not matrix.conformant:
        yield f"{file}: what it tells of proves nothing; run `pdpp-tck falsify` and mend what it names"
