"""Verdicts, and how those of clauses make a scenario's and a run's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a clause or a scenario."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"
    NOT_OBSERVABLE = "not_observable"
    NOT_RUN = "not_run"
    STALE = "stale"


# The first of these that any clause has is the scenario's; with none of them it passed.
_PRECEDENCE = (
    Verdict.ERROR,
    Verdict.STALE,
    Verdict.FAILED,
    Verdict.NOT_RUN,
    Verdict.NOT_OBSERVABLE,
)


@dataclass(frozen=True, slots=True)
class ClauseVerdict:
    """A clause's verdict; `reason` is given for everything but a pass."""

    id: str
    level: str
    verdict: Verdict
    reason: str | None = None

    @property
    def gates(self) -> bool:
        """Whether the clause obliges: of a MAY only a failure counts, and that it may be none any more."""
        return self.level != "MAY" or self.verdict in (Verdict.FAILED, Verdict.ERROR, Verdict.STALE)


def scenario_verdict(clauses: Iterable[ClauseVerdict]) -> Verdict:
    """The verdict of a scenario from those of its clauses; none at all is `not_run`."""
    clauses = list(clauses)
    if not clauses:
        return Verdict.NOT_RUN
    if all(clause.verdict == Verdict.NOT_APPLICABLE for clause in clauses):
        return Verdict.NOT_APPLICABLE
    given = {clause.verdict for clause in clauses if clause.gates}
    return next((verdict for verdict in _PRECEDENCE if verdict in given), Verdict.PASSED)


def requirement_verdict(scenarios: Iterable[Verdict]) -> Verdict:
    """The verdict of a requirement from those of its scenarios, whatever the subjects; none is `not_run`."""
    given = set(scenarios)
    if not given:
        return Verdict.NOT_RUN
    if given == {Verdict.NOT_APPLICABLE}:
        return Verdict.NOT_APPLICABLE
    return next((verdict for verdict in _PRECEDENCE if verdict in given), Verdict.PASSED)


def exit_status(verdicts: Iterable[Verdict], applicable: bool, accounted: bool, bad: bool = False) -> int:
    """The status of a run: 0 conformant, 1 failed or stale, 3 the kit's fault, 4 not seen or miscounted.

    `applicable` says whether every subject had an applicable scenario, `accounted` whether everything that
    was due was reported, `bad` whether a waiver is. 3 outranks 1, and 1 outranks 4.
    """
    given = set(verdicts)
    if Verdict.ERROR in given:
        return 3
    if bad or given & {Verdict.FAILED, Verdict.STALE}:
        return 1
    unseen = given & {Verdict.NOT_RUN, Verdict.NOT_OBSERVABLE}
    return 4 if unseen or not applicable or not accounted else 0
