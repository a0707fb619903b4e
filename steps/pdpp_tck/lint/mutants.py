"""Whether the kit is proven: every clause with its mutants and variants, and a matrix that is theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pdpp_tck.authors.folder import LEDGER
from pdpp_tck.authors.rows import line_of
from pdpp_tck.falsify.declared import Declared, Mutant
from pdpp_tck.falsify.matrix import HOW, digest_of, gaps
from pdpp_tck.falsify.share import Share
from pdpp_tck.features import features_root, requirement_of
from pdpp_tck.ledger import Ledger
from pdpp_tck.matrix import FILE, MatrixError, read_matrix


def remedy(command: str, folder: Path) -> str:
    """What to do about a file that a command writes into a folder of features."""
    of = "" if folder == features_root().resolve() else f" --features {folder}"
    return f"run `pdpp-tck {command}{of}` and commit what it writes"


def mutant_problems(due: Share, ledger: Ledger) -> list[str]:
    """Each as `file: what is wrong and what to do`."""
    wrong = list(_misdirected(due.declared, ledger))
    if wrong:
        return wrong
    file = due.folder / LEDGER
    missing = [
        f"{file}:{line_of(file, gap.partition(':')[0])}: {gap}"
        for gap in gaps(due.clauses, due.declared, ledger)
    ]
    return [*missing, *_stale(due)]


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


def _stale(due: Share) -> Iterator[str]:
    file = due.folder / FILE
    try:
        matrix = read_matrix(due.folder)
    except MatrixError as error:
        yield str(error)
        return
    if matrix is None:
        yield f"{file}: is not there; {remedy('falsify --update', due.folder)}"
        return
    if matrix.digest != digest_of(json.loads(file.read_text(encoding="utf-8")), due.scenarios, due.declared):
        what = "scenarios, mutants or variants have changed since"
        yield f"{file}: {what}; {remedy('falsify --update', due.folder)}"
    if not matrix.conformant:
        yield f"{file}: what it tells of proves nothing; run `pdpp-tck falsify` and mend what it names"
