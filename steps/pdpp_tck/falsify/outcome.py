"""What became of a mutant or a variant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pdpp_tck.execution import Result
from pdpp_tck.falsify.declared import Declared, Mutant, Variant
from pdpp_tck.falsify.trials import Trial
from pdpp_tck.subject import Kind
from pdpp_tck.verdict import ClauseVerdict, Verdict

_CRASH = "internal_error"


class Outcome(StrEnum):
    """How a trial came out; of these `killed`, `passed` and `not_applicable` are as they should be."""

    KILLED = "killed"
    WRONG_REASON = "wrong_reason"
    SURVIVED = "survived"
    NOT_APPLICABLE = "not_applicable"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial that was made; `seen` tells, where it came out wrong, what was seen in place of that.

    `caught_at` are the Thens that found the clause of a mutant broken: scenario, kind of subject, line.
    """

    declared: Declared
    outcome: Outcome
    seen: str
    duration_s: float
    caught_at: frozenset[tuple[str, Kind, int]] = frozenset()

    @property
    def right(self) -> bool:
        """Whether the kit judged as it must."""
        return self.outcome in (Outcome.KILLED, Outcome.PASSED, Outcome.NOT_APPLICABLE)


def tried(trial: Trial) -> Tried:
    """What became of a trial, once the results of its plan are there."""
    results: Sequence[Result] = trial.plan.results
    told = trial.declared
    caught: frozenset[tuple[str, Kind, int]] = frozenset()
    if isinstance(told, Mutant):
        observed = trial.plan.ledger.observation(told.breaks).id
        outcome, seen = _of_mutant(told, observed, results)
        if outcome is Outcome.KILLED:
            caught = frozenset(_caught(observed, results))
    else:
        outcome, seen = _of_variant(told, len(trial.plan.obliged()), results)
    return Tried(told, outcome, seen, round(sum(result.duration_s for result in results), 3), caught)


def _caught(observed: str, results: Sequence[Result]) -> Iterator[tuple[str, Kind, int]]:
    for result in results:
        scenario = result.cell.scenario
        for finding in result.findings:
            broken = f"{scenario.id}/{finding.clause}" == observed and finding.verdict == Verdict.FAILED
            if broken and finding.step is not None:
                yield scenario.id, scenario.kind, finding.step


def _of_mutant(mutant: Mutant, observed: str, results: Sequence[Result]) -> tuple[Outcome, str]:
    clause = next((c for r in results for c in r.clauses if c.id == observed), None)
    if clause is None:
        return Outcome.SURVIVED, "nothing was judged"
    if clause.verdict == Verdict.NOT_APPLICABLE:
        return Outcome.NOT_APPLICABLE, str(clause.reason)
    if clause.verdict == Verdict.ERROR:
        return Outcome.WRONG_REASON, f"broken while it was judged: {clause.reason}"
    if clause.verdict != Verdict.FAILED:
        return Outcome.SURVIVED, _told(clause)
    if any(map(_broke_down, results)):
        return Outcome.WRONG_REASON, f"the host broke down ({_CRASH}), which is no answer: {_told(clause)}"
    if mutant.complains not in str(clause.reason):
        return Outcome.WRONG_REASON, _told(clause)
    return Outcome.KILLED, _told(clause)


def _of_variant(variant: Variant, due: int, results: Sequence[Result]) -> tuple[Outcome, str]:
    if not results or len(results) < due:
        return Outcome.FAILED, f"{len(results)} of {due} scenarios were judged"
    wrong = next(_wrong(variant, results), None)
    if wrong is not None:
        return Outcome.FAILED, _told(wrong)
    if all(result.verdict == Verdict.NOT_APPLICABLE for result in results):
        return Outcome.NOT_APPLICABLE, str(results[0].reason)
    return Outcome.PASSED, ""


def _wrong(variant: Variant, results: Sequence[Result]) -> Iterator[ClauseVerdict]:
    fine = (Verdict.PASSED, Verdict.NOT_APPLICABLE)
    for result in results:
        for clause in result.clauses:
            stated = clause.id in variant.unseen and clause.verdict == Verdict.NOT_OBSERVABLE
            if clause.verdict not in fine and not stated and clause.gates:
                yield clause


def _broke_down(result: Result) -> bool:
    """Whether the host met what nobody foresaw; what then fails proves nothing."""
    return result.evidence is not None and _CRASH in result.evidence.read_text(encoding="utf-8")


def _told(clause: ClauseVerdict) -> str:
    return f"{clause.id} {clause.verdict}{f': {clause.reason}' if clause.reason else ''}"
