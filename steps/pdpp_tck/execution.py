"""One scenario on one subject, from its first step to its verdicts."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pdpp_tck import __version__
from pdpp_tck.asking import Asking
from pdpp_tck.breaking import place_of
from pdpp_tck.evidence.door import Door
from pdpp_tck.evidence.notes import Notes, file_name, read_notes
from pdpp_tck.evidence.owing import Unfed
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.evidence.watching import reference
from pdpp_tck.features import Step
from pdpp_tck.judging import Judge, Judgement, clause_verdicts
from pdpp_tck.ledger import Clause
from pdpp_tck.own_source import ARRANGE
from pdpp_tck.plan import Cell, Plan
from pdpp_tck.scene import Scene
from pdpp_tck.subject import Face, Unarrangeable
from pdpp_tck.verdict import ClauseVerdict, Verdict, scenario_verdict


@dataclass(slots=True)
class StepResult:
    """One step and how it went: a Then by its judgements, the others by whether they could be done."""

    keyword: str
    text: str
    status: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Result:
    """One scenario's verdict on one subject."""

    cell: Cell
    verdict: Verdict
    reason: str | None
    clauses: tuple[ClauseVerdict, ...]
    steps: tuple[StepResult, ...]
    duration_s: float
    evidence: Path | None
    findings: tuple[Judgement, ...] = ()
    noted: dict[str, int] = field(default_factory=dict)


class Execution:
    """Sets the door up, follows the steps, and ends with a Result in the plan."""

    scene: Scene
    asking: Asking
    evidence: Evidence

    def __init__(self, plan: Plan, cell: Cell) -> None:
        self.plan = plan
        self.cell = cell
        self.judge = Judge(cell.scenario.kind)
        self.recorded = plan.recorded is not None
        self._path: Path | None = None
        self._steps: list[StepResult] = []
        self._began = time.monotonic()
        self._step_began = 0.0
        self._stack = ExitStack()
        self._by_line = {step.line: step for step in cell.scenario.steps}

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses that the ledger wants judged here."""
        return self.plan.ledger.scenario(self.cell.scenario.id).obliged(self.cell.scenario.kind)

    @property
    def profile(self) -> bool:
        """Whether this is a rule of the profile, judged by other scenarios' runs."""
        return self.cell.scenario.derived == "profile"

    def cut(self) -> str | None:
        """The breach of protocol by which this connector kept a run of the scenario from ending well."""
        if self.profile or self.cell.connector is None:
            return None
        return self.evidence.cut()

    def unfed(self) -> Unfed | None:
        """What this connector's source did not give, though the scenario is about what it gave."""
        return None if self.profile or self.cell.connector is None else self.evidence.unfed()

    def passed_over(self) -> Result | None:
        """The result of a scenario that does not apply or cannot be set, else None."""
        if self.recorded:
            return None
        if self.plan.host.missing is not None:
            return self._without_running(Verdict.NOT_RUN, self.plan.host.missing)
        missing = sorted(self.cell.scenario.claims - self._claims)
        if missing and self.cell.connector is not None:
            hint = "" if self.cell.connector.driver else "; a source driver may claim it, see --source-driver"
            return self._without_running(Verdict.NOT_APPLICABLE, f"not claimed: {', '.join(missing)}{hint}")
        if "postgres" in missing:
            return self._without_running(Verdict.NOT_APPLICABLE, "not claimed: postgres")
        if missing:
            return self._without_running(
                Verdict.NOT_OBSERVABLE, f"the {self.cell.scenario.kind} lacks {', '.join(missing)}"
            )
        if self.cell.connector is not None and self.cell.connector.driver is None and not self._generic:
            reason = f"no source driver; {ARRANGE}, so that the scene can be set"
            return self._without_running(Verdict.NOT_OBSERVABLE, reason)
        return None

    @property
    def _generic(self) -> bool:
        """Whether a connector's own source is enough: what it emits tells what to ask for."""
        return self.profile or self.cell.scenario.id == "PR-03.1"

    @property
    def _claims(self) -> frozenset[str]:
        if self.cell.scenario.kind == "storage":
            return self.plan.host.storage_claims
        return (self.cell.connector or self.plan.host).claims

    def __enter__(self) -> Self:
        if self.plan.recorded is not None:
            self._replay(self.plan.recorded)
            return self
        scenario, host = self.cell.scenario, self.plan.host
        home = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="pdpp-tck-")))
        face: Face = self._stack.enter_context(host.face(home))
        connector = self.cell.recording[1]
        name = "--".join(map(file_name, (connector, host.name, host.storage_name))) + ".jsonl"
        folder = self.plan.reports.joinpath("evidence", *map(file_name, scenario.id.split("/")))
        self._path = folder / name
        notes = Notes(self._path, self._header(connector))
        self._stack.callback(notes.close)
        door = Door(face, home, notes)
        self._stack.callback(door.close)
        self.scene = Scene(door, self.cell.connector, self.plan.seed, self._others())
        self._stack.callback(self.scene.close)
        self.asking = Asking(self.scene)
        self.evidence = Evidence(notes.header, notes.entries, self._path.parent)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def begin(self, line: int) -> Step:
        """A step begins; the clauses that it stands for are those in the comment above it."""
        step = self._by_line[line]
        self.judge.mapped, self.judge.step = step.judges, line
        self._step_began = time.monotonic()
        self._steps.append(StepResult(step.keyword, step.text, "passed", 0.0))
        return step

    def end(self, line: int, error: BaseException | None = None) -> None:
        """A step ended, by an error of the kit's when there is one."""
        step, result = self._by_line[line], self._steps[-1]
        result.duration_s = round(time.monotonic() - self._step_began, 6)
        if isinstance(error, Unarrangeable):
            result.status = "not_observable"
            self.scene.door.note("unarranged", why=str(error))
            self.judge.findings.extend(
                Judgement(clause.id.rpartition("/")[2], Verdict.NOT_OBSERVABLE, str(error))
                for clause in self.clauses
            )
        elif error is not None:
            result.status = "error"
            self.judge.findings.extend(
                Judgement(clause.id.rpartition("/")[2], Verdict.ERROR, f"{step.text}: {_told(error)}")
                for clause in self.clauses
            )
        elif step.kind == "then":
            mine = [f.verdict for f in self.judge.findings if f.clause in step.judges]
            worst = (Verdict.ERROR, Verdict.FAILED, Verdict.NOT_OBSERVABLE)
            result.status = next((v.value for v in worst if v in mine), "passed")

    def result(self) -> Result:
        """What the findings amount to."""
        clauses = clause_verdicts(self.clauses, self.judge.findings)
        return self._made(clauses, tuple(self._steps), self._path)

    def unset(self, error: BaseException) -> Result:
        """The result of a scenario whose scene could not even be opened."""
        self._stack.close()
        return self._without_running(Verdict.ERROR, _told(error))

    def _without_running(self, verdict: Verdict, reason: str) -> Result:
        clauses = tuple(ClauseVerdict(clause.id, clause.level, verdict, reason) for clause in self.clauses)
        steps = tuple(StepResult(s.keyword, s.text, "skipped", 0.0) for s in self.cell.scenario.steps)
        return self._made(clauses, steps, None)

    def _made(
        self, clauses: tuple[ClauseVerdict, ...], steps: tuple[StepResult, ...], path: Path | None
    ) -> Result:
        clauses = tuple(map(self._aged, clauses))
        verdict = scenario_verdict(clauses)
        reasons = (f"{c.id}: {c.reason}" for c in clauses if c.verdict == verdict and c.reason)
        return Result(
            self.cell,
            verdict,
            None if verdict == Verdict.PASSED else next(reasons, None),
            clauses,
            steps,
            round(time.monotonic() - self._began, 6),
            path,
            tuple(self.judge.findings),
            self.judge.noted,
        )

    def _aged(self, clause: ClauseVerdict) -> ClauseVerdict:
        """A clause that was judged by a sentence that is no longer the spec's is stale, whatever was seen."""
        why = self.plan.stale.get(clause.id)
        if why is None or clause.verdict in (Verdict.ERROR, Verdict.NOT_APPLICABLE):
            return clause
        was = clause.verdict.value + (f": {clause.reason}" if clause.reason else "")
        return replace(clause, verdict=Verdict.STALE, reason=f"{why}; by the one before it was {was}")

    def _others(self) -> list[dict[str, str]]:
        """The evidence that a rule of the profile is judged by: what this connector's scenarios left."""
        if not self.profile:
            return []
        assert self._path is not None
        self._path.parent.mkdir(parents=True, exist_ok=True)
        left = self.plan.evidence_of(self.cell.connector)
        return [reference(path, self._path.parent) for path in left]

    def _header(self, connector: str) -> dict[str, Any]:
        host, subject = self.plan.host, self.cell.connector
        return {
            "id": self.cell.scenario.id,
            "kind": self.cell.scenario.kind,
            "digest": self.cell.scenario.digest,
            "kit": __version__,
            "seed": self.plan.seed,
            "subjects": {
                "connector": {
                    "name": connector,
                    "version": subject.version if subject else __version__,
                    "claims": sorted(subject.claims) if subject else [],
                },
                "host": {"name": host.name, "version": host.version, "claims": sorted(host.claims)},
                "storage": {
                    "name": host.storage_name,
                    "version": host.storage_version,
                    "claims": sorted(host.storage_claims),
                },
            },
        }

    def _replay(self, recorded: dict[tuple[str, str], Path]) -> None:
        path = recorded[self.cell.recording]
        header, entries = read_notes(path)
        self._path = path
        self.evidence = Evidence(header, entries, path.parent)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}{place_of(error)}"
