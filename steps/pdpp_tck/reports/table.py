"""A run as plain text: a table by requirement, the failures, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_tck.execution import Result
from pdpp_tck.run import Outcome
from pdpp_tck.verdict import Verdict


def table(outcome: Outcome) -> str:
    """The whole run in lines of text."""
    lines: list[str] = []
    requirement = ""
    for result in outcome.results:
        identifier = result.cell.scenario.id
        if identifier.partition(".")[0] != requirement:
            requirement = identifier.partition(".")[0]
            lines += ["", f"{requirement}  {outcome.plan.ledger.requirement(requirement).title}"]
        lines.append(_row(outcome, result))
    for result in outcome.results:
        lines += _trouble(outcome, result)
    return "\n".join([*lines, "", *_summary(outcome)]).lstrip("\n")


def _row(outcome: Outcome, result: Result) -> str:
    title = outcome.plan.ledger.scenario(result.cell.scenario.id).title
    subject = (result.cell.connector or outcome.plan.host).name
    cells = f"{result.cell.scenario.id:8}{result.verdict.value:16}{subject:14}"
    return f"  {cells}{result.duration_s:6.2f} s  {title}"


def _trouble(outcome: Outcome, result: Result) -> Iterator[str]:
    for clause in result.clauses:
        if clause.verdict in (Verdict.PASSED, Verdict.NOT_APPLICABLE):
            continue
        says = outcome.plan.ledger.clause(clause.id).says
        yield ""
        subject = (result.cell.connector or outcome.plan.host).name
        yield f"{clause.id} {clause.verdict.value} for {subject}: {says}"
        yield f"  {clause.reason}"
        if result.evidence is not None:
            yield f"  evidence: {result.evidence}"


def _summary(outcome: Outcome) -> Iterator[str]:
    for disagreement in outcome.miscounted:
        yield f"accounting: {disagreement}"
    counts = ", ".join(
        f"{sum(result.verdict == verdict for result in outcome.results)} {verdict.value}"
        for verdict in Verdict
        if any(result.verdict == verdict for result in outcome.results)
    )
    told = {True: "conformant", False: "not conformant", None: "a selection was judged"}[outcome.conformant]
    host, seed = outcome.plan.host, outcome.plan.seed
    yield f"{told}: {counts or 'nothing was judged'} in {outcome.duration_s:.1f} s"
    yield f"{host.name} {host.version} on {host.storage_name} {host.storage_version}, seed {seed}"
