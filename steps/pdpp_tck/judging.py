"""Judgements: what a Then finds, clause by clause, and the verdicts that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pdpp_tck.evidence.owing import Owed, Unfed
from pdpp_tck.evidence.transcripts import Line
from pdpp_tck.features import CONTROL
from pdpp_tck.ledger import Clause
from pdpp_tck.subject import Kind
from pdpp_tck.verdict import ClauseVerdict, Verdict

_SEEN = 600
_WORST = (
    Verdict.ERROR,
    Verdict.FAILED,
    Verdict.NOT_OBSERVABLE,
    Verdict.PASSED,
    Verdict.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One finding about one clause, or about the scenario's control, by the Then at line `step`.

    `unfed` says that it is so for want of any record of the source.
    """

    clause: str
    verdict: Verdict
    reason: str | None = None
    expected: str | None = None
    seen: str | None = None
    line: Line | None = None
    step: int | None = None
    unfed: bool = False


@dataclass(slots=True)
class Judge:
    """Takes what the Thens find; `mapped` are the clauses that the current Then, at line `step`, stands for.

    `cut` names the breach of protocol that kept a run from ending well, `unfed` what a source did not give.
    What was said may still show a failure, by its line; that something was not said shows nothing any more.
    """

    kind: Kind
    mapped: tuple[str, ...] = ()
    cut: str | None = None
    unfed: Unfed | None = None
    step: int | None = None
    findings: list[Judgement] = field(default_factory=list)
    noted: dict[str, int] = field(default_factory=dict)

    def note(self, counts: Mapping[str, int]) -> None:
        """Keep counts of things that are no finding and that a reader may want to know of."""
        self.noted.update(counts)

    def __call__(
        self, ok: bool, *, expected: str, seen: object, clause: str | None = None, line: Line | None = None
    ) -> None:
        """Record whether a clause holds (every mapped one when none is named), and what was seen."""
        for name in self._names(clause):
            if self.cut is not None and (ok or line is None):
                self._found(name, Verdict.NOT_OBSERVABLE, self.cut)
            elif self.unfed is not None and (ok or line is None):
                self._unfed(name, self.unfed)
            elif ok:
                self._found(name, Verdict.PASSED)
            else:
                told = _short(seen)
                reason = f"expected {expected}; seen {told}"
                self._found(name, Verdict.FAILED, reason, expected, told, line)

    def unseen(self, why: str) -> None:
        """Record that what the clauses are about did not come up, though it might have."""
        self._all(Verdict.NOT_OBSERVABLE, why)

    def inapplicable(self, why: str) -> None:
        """Record that there is nothing that the clauses could be about."""
        self._all(Verdict.NOT_APPLICABLE, why)

    def owed(self, missing: Owed) -> None:
        """Record evidence that somebody did not give: `failed` for that party, else `not_observable`."""
        if missing.party == "kit":
            self.broken(missing.what)
            return
        if self.cut is not None:
            self._all(Verdict.NOT_OBSERVABLE, self.cut)
            return
        missing = self.unfed or missing
        if isinstance(missing, Unfed):
            for name in self.mapped:
                self._unfed(name, missing)
            return
        at_fault = missing.party == self.kind
        verdict = Verdict.FAILED if at_fault else Verdict.NOT_OBSERVABLE
        reason = missing.what if at_fault else f"{missing.party}: {missing.what}"
        self._all(verdict, reason)

    def broken(self, what: str) -> None:
        """Record that the kit itself could not judge."""
        self._all(Verdict.ERROR, what)

    def _all(self, verdict: Verdict, reason: str) -> None:
        for name in self.mapped:
            self._found(name, verdict, reason)

    def _unfed(self, name: str, missing: Unfed) -> None:
        why = f"{missing.party}: {missing.what}"
        self.findings.append(Judgement(name, Verdict.NOT_OBSERVABLE, why, step=self.step, unfed=True))

    def _found(
        self,
        name: str,
        verdict: Verdict,
        reason: str | None = None,
        expected: str | None = None,
        seen: str | None = None,
        line: Line | None = None,
    ) -> None:
        self.findings.append(Judgement(name, verdict, reason, expected, seen, line, self.step))

    def _names(self, clause: str | None) -> tuple[str, ...]:
        if clause is None:
            return self.mapped
        if clause not in self.mapped:
            raise ValueError(f"this Then stands for {self.mapped}, not for {clause!r}")
        return (clause,)


def clause_verdicts(clauses: Iterable[Clause], findings: list[Judgement]) -> tuple[ClauseVerdict, ...]:
    """The verdict of each obliged clause; a failed control takes the passes away.

    A clause that nothing was recorded for is `not_run`, which no run survives as conformant.
    """
    control = _worst(f for f in findings if f.clause == CONTROL)
    return tuple(_verdict(clause, findings, control) for clause in clauses)


def _verdict(clause: Clause, findings: list[Judgement], control: Judgement | None) -> ClauseVerdict:
    worst = worst_finding(clause.id, findings)
    if worst is None:
        return ClauseVerdict(clause.id, clause.level, Verdict.NOT_RUN, "no Then judged it")
    if worst.verdict == Verdict.PASSED and control is not None and control.verdict != Verdict.PASSED:
        if control.verdict == Verdict.ERROR:
            return ClauseVerdict(clause.id, clause.level, Verdict.ERROR, f"control: {control.reason}")
        return ClauseVerdict(clause.id, clause.level, Verdict.NOT_OBSERVABLE, f"control: {control.reason}")
    return ClauseVerdict(clause.id, clause.level, worst.verdict, worst.reason)


def worst_finding(clause_id: str, findings: Iterable[Judgement]) -> Judgement | None:
    """The finding that decided a clause's verdict: its first of the worst kind."""
    short = clause_id.rpartition("/")[2]
    return _worst(finding for finding in findings if finding.clause == short)


def _worst(findings: Iterable[Judgement]) -> Judgement | None:
    return min(findings, key=lambda finding: _WORST.index(finding.verdict), default=None)


def _short(seen: Any) -> str:
    text = seen if isinstance(seen, str) else repr(seen)
    return text if len(text) <= _SEEN else text[:_SEEN] + "…"
