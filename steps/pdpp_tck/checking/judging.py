"""The verdicts that recorded runs allow, clause by clause, and each offending line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdpp_tck.checking.reading import read
from pdpp_tck.checking.sightings import KEPT, Run
from pdpp_tck.ledger import Clause, Ledger
from pdpp_tck.monitor import Breach, Limits
from pdpp_tck.verdict import Verdict

_SAME = {"PR-03.1/T3": "CP-05"}
_ARRANGED = "it shows only where sources are arranged: pdpp-tck run"
_UNSEEN = {
    "CP-01": "only a START that came late would show it: pdpp-tck run",
    "CP-02": "the connector said nothing",
    "CP-03": "the connector said nothing",
    "CP-04": "no record and no cursor beside a START or a manifest",
    "CP-05": "no record of a run of chosen resources, or no --manifest",
    "CP-06": "no record of a stream that a --manifest declares",
    "CP-07": "no record of a stream that a --manifest declares append-only",
    "CP-08": "no INTERACTION was said, or no answer of the host's was noted",
    "CP-09": "no DETAIL_COVERAGE was said",
    "CP-10": "neither DONE nor an exit was noted",
    "CP-11": "no DONE was said",
    "CP-12": "no exit status was noted after DONE",
    "CP-13": "it takes content that is known beforehand: pdpp-tck run",
    "CP-14": "no record of a run of chosen fields, or no --manifest",
    "CP-15": "no record of a run of a window of time, or no --manifest",
    "CP-16": "it takes two runs that are known to belong together: pdpp-tck run",
    "CP-17": "it takes a host that knows a stream more: pdpp-tck run",
    "CP-18": "it takes faults: pdpp-tck run --faults",
    "CP-19": "it takes the connector's claims: pdpp-tck run",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """A breach with the file and the line in it."""

    file: Path
    breach: Breach


@dataclass(slots=True)
class Checked:
    """What some files came to: how many runs, what was seen, what was broken and how often."""

    runs: int = 0
    seen: set[str] = field(default_factory=set)
    violations: list[Violation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def take(self, file: Path, breaches: Iterator[Breach]) -> None:
        """Count the breaches, and keep the first of each rule with their lines."""
        for breach in breaches:
            self.counts[breach.rule] += 1
            if self.counts[breach.rule] <= KEPT:
                self.violations.append(Violation(file, breach))

    def first(self, rule: str) -> Violation | None:
        """The first breach of a rule."""
        return next((each for each in self.violations if each.breach.rule == rule), None)

    def verdicts(self, ledger: Ledger) -> list[tuple[Clause, Verdict, Violation | None, str | None]]:
        """(clause, verdict, first offending line, reason) of each clause that obliges a connector."""
        return [self._verdict(clause) for clause in judged_clauses(ledger)]

    def _verdict(self, clause: Clause) -> tuple[Clause, Verdict, Violation | None, str | None]:
        rule = _SAME.get(clause.id, clause.id.partition("/")[0])
        first = self.first(rule)
        if first is not None:
            return clause, Verdict.FAILED, first, first.breach.what
        if rule in self.seen:
            return clause, Verdict.PASSED, None, None
        return clause, Verdict.NOT_OBSERVABLE, None, _UNSEEN.get(rule, _ARRANGED)

    def status(self, ledger: Ledger) -> int:
        """0 nothing found, 1 something failed, 4 no clause could be observed."""
        given = {verdict for _, verdict, _, _ in self.verdicts(ledger)}
        if Verdict.FAILED in given:
            return 1
        return 0 if Verdict.PASSED in given else 4


def judged_clauses(ledger: Ledger) -> list[Clause]:
    """What obliges a connector: the spec's scenarios, then the rules of the profile."""
    profile = ledger.profile.derived if ledger.profile else ()
    return [clause for entry in (*ledger.scenarios, *profile) for clause in entry.obliged("connector")]


def check_files(files: list[Path], manifest: dict[str, Any] | None) -> Checked:
    """Judge files in order, one line at a time; raises Unreadable."""
    checked, limits = Checked(), Limits.of(manifest or {})
    for file in files:
        _check(file, limits, checked)
    return checked


def _check(file: Path, limits: Limits, checked: Checked) -> None:
    recorded, lines = read(file)
    run: Run | None = None
    for told in lines:
        if run is None or run.begins_another(told):
            if run is not None:
                checked.take(file, run.end())
            run = Run(limits, recorded, checked.seen)
            checked.runs += 1
        checked.take(file, run.take(told))
    if run is not None:
        checked.take(file, run.end())
