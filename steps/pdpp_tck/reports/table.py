"""A run as text: a table by requirement, the failures, and what to do next."""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pdpp_tck.execution import Result
from pdpp_tck.features import requirement_of
from pdpp_tck.gate.deciding import Decision
from pdpp_tck.gate.judged import of_result
from pdpp_tck.judging import Judgement, worst_finding
from pdpp_tck.reports.excerpt import excerpt
from pdpp_tck.reports.ruled import conclusion, excused, ruled
from pdpp_tck.run import Outcome
from pdpp_tck.verdict import ClauseVerdict, Verdict

PLAIN_WIDTH = 100
_STYLE = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.STALE: "red",
    Verdict.NOT_OBSERVABLE: "yellow",
    Verdict.NOT_RUN: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
}


def print_table(outcome: Outcome, decision: Decision, final: Path) -> None:
    """Print the whole run on stdout, in colour and at the terminal's width where there is a terminal.

    `final` is the folder in which the run's evidence is found afterwards.
    """
    terminal = sys.stdout.isatty()
    told = io.StringIO()
    width = None if terminal else PLAIN_WIDTH
    console = Console(file=told, width=width, force_terminal=terminal, highlight=False)
    _print(console, outcome, decision, final)
    # Rich fills lines up to the width; what is piped should hold no such blanks.
    sys.stdout.write("".join(line.rstrip(" ") + "\n" for line in told.getvalue().splitlines()))


def _print(console: Console, outcome: Outcome, decision: Decision, final: Path) -> None:
    subjects = max((len(_subject(outcome, result)) for result in outcome.results), default=0)
    for requirement, results in groupby(outcome.results, key=_requirement):
        console.print(
            Text(f"{requirement}  {outcome.plan.ledger.requirement(requirement).title}", style="bold")
        )
        console.print(Padding(_rows(outcome, decision, list(results), subjects), (0, 0, 1, 2)))
    for result in outcome.results:
        if result.noted:
            told = ", ".join(f"{count} {name}" for name, count in sorted(result.noted.items()))
            console.print(
                Text(f"noted for {_subject(outcome, result)}: {told} (known extensions, no breach)\n")
            )
    # What could not be seen often comes of what failed, and there is more of it.
    for result in sorted(outcome.results, key=_urgency):
        for clauses in _alike(result):
            console.print(_head(outcome, result, clauses))
            console.print(_trouble(outcome, result, clauses))
            for shown in excerpt(result, clauses, _final(outcome, result, final), _features(outcome)):
                console.print(Text(shown), soft_wrap=True)
            _print_where(console, outcome, result, final)
    for line in _summary(outcome, decision):
        console.print(line)


def _urgency(result: Result) -> int:
    return list(_NEXT).index(result.verdict) if result.verdict in _NEXT else len(_NEXT)


def _alike(result: Result) -> list[list[ClauseVerdict]]:
    """The clauses that did not pass, those with one and the same reason together."""
    bad = [c for c in result.clauses if c.verdict not in (Verdict.PASSED, Verdict.NOT_APPLICABLE)]
    return [list(group) for _, group in groupby(bad, key=lambda clause: (clause.verdict, clause.reason))]


def _head(outcome: Outcome, result: Result, clauses: list[ClauseVerdict]) -> Text:
    ids = ", ".join([clauses[0].id, *(clause.id.rpartition("/")[2] for clause in clauses[1:])])
    levels = ", ".join(dict.fromkeys(clause.level for clause in clauses))
    verdict = (f"{clauses[0].verdict} ", _STYLE[clauses[0].verdict])
    return Text.assemble(f"{ids}  ", verdict, f"({levels}) for {_subject(outcome, result)}")


def _final(outcome: Outcome, result: Result, final: Path) -> Path | None:
    """Where a result's evidence lies by now, for reports are moved into place as a whole."""
    return result.evidence and final / result.evidence.relative_to(outcome.plan.reports)


def _print_where(console: Console, outcome: Outcome, result: Result, final: Path) -> None:
    """Where the evidence lies and how to judge it again, on lines that can be copied whole."""
    if result.evidence is not None:
        where = _near(final / result.evidence.relative_to(outcome.plan.reports))
        console.print(Text(f"  evidence  {where}"), soft_wrap=True)
        console.print(
            Text(f"  replay    pdpp-tck replay {shlex.quote(where)}{_features(outcome)}"), soft_wrap=True
        )
    console.print()


def _features(outcome: Outcome) -> str:
    """What a command needs besides to know the scenarios of an author's folder."""
    author = outcome.plan.author
    return f" --features {shlex.quote(_near(author.root))}" if author else ""


def _requirement(result: Result) -> str:
    return requirement_of(result.cell.scenario.id)


def _rows(outcome: Outcome, decision: Decision, results: list[Result], subjects: int) -> Table:
    rows = Table.grid(padding=(0, 2))
    rows.add_column("id", no_wrap=True)
    rows.add_column("verdict", no_wrap=True, min_width=max(map(len, Verdict)))
    rows.add_column("subject", no_wrap=True, min_width=subjects)
    rows.add_column("time", justify="right", no_wrap=True)
    rows.add_column("title", overflow="fold")
    for result in results:
        entry = outcome.plan.ledger.scenario(result.cell.scenario.id)
        # The ids of the storage contract are its titles.
        title = "" if entry.derived == "contract" else entry.title
        title += excused(of_result(result, outcome.plan.host).key, decision)
        rows.add_row(
            result.cell.scenario.id,
            Text(result.verdict, style=_STYLE[result.verdict]),
            _subject(outcome, result),
            f"{result.duration_s:.2f} s",
            title if result.verdict != Verdict.NOT_APPLICABLE else f"{title} ({_why(result)})",
        )
    return rows


def _trouble(outcome: Outcome, result: Result, clauses: list[ClauseVerdict]) -> Table:
    """Clauses that did not pass for one reason: what each says, and what was seen."""
    block = Table.grid(padding=(0, 2))
    block.add_column(no_wrap=True, min_width=len("  expected"))
    block.add_column(overflow="fold")
    for clause in clauses:
        sentence = outcome.plan.sentences.get(clause.id)
        said = ("  says", outcome.plan.ledger.clause(clause.id).says)
        name, text = said if sentence is None else ("  spec", sentence)
        block.add_row(name, Text(text))
    finding = worst_finding(clauses[0].id, result.findings)
    for name, text in _told(clauses[0], finding):
        block.add_row(f"  {name}", Text(text))
    return block


def _told(clause: ClauseVerdict, finding: Judgement | None) -> Iterator[tuple[str, str]]:
    """Expected and seen where a Then failed, the reason anywhere else."""
    if finding is None or finding.expected is None or clause.verdict != Verdict.FAILED:
        yield "reason", clause.reason or ""
        return
    yield "expected", finding.expected
    yield "seen", finding.seen or ""
    if finding.line is not None:
        shown = finding.line.text if len(finding.line.text) <= 300 else finding.line.text[:300] + "…"
        yield f"line {finding.line.n}", f"{shown} (run {finding.line.run!r})"


def _summary(outcome: Outcome, decision: Decision) -> Iterator[Text]:
    for disagreement in outcome.miscounted:
        yield Text(f"accounting: {disagreement}", style="bold red")
    for line, bad in ruled(decision):
        yield Text(line, style="bold red" if bad else "")
    counts = ", ".join(
        f"{sum(result.verdict == verdict for result in outcome.results)} {verdict}"
        for verdict in Verdict
        if any(result.verdict == verdict for result in outcome.results)
    )
    told, style = conclusion(decision.conformant, decision.status)
    yield Text.assemble((told, style), f": {counts or 'nothing was judged'} in {outcome.duration_s:.1f} s")
    judged = dict.fromkeys(f"{r.cell.scenario.kind} {_subject(outcome, r)}" for r in outcome.results)
    yield Text(f"judged: {', '.join(judged)}")
    if outcome.plan.host_is_subject and outcome.plan.connectors:
        yield Text("our own parts: no connector was named, and no pdpp-tck.toml is here")
    host, seed = outcome.plan.host, outcome.plan.seed
    yield Text(f"{host.name} {host.version} on {host.storage_name} {host.storage_version}, seed {seed}")
    yield from _next(outcome)


_NEXT = {
    Verdict.ERROR: "mend what broke above where it is yours; else the kit is at fault: report it",
    Verdict.STALE: "read the changed sentences above, mend what judges them, accept them: pdpp-tck spec ack",
    Verdict.FAILED: "mend the first failed clause above and run again; its evidence holds every line",
    Verdict.NOT_OBSERVABLE: "let the kit see what it could not; each reason above says how",
    Verdict.NOT_RUN: "provide what is missing; each reason above names it",
}


_UNFED = (
    "a run emitted no record, though the kit put items into its source: see that [source] writes them where "
    "and as the connector reads them, before you believe anything else"
)


def _unfed(result: Result) -> bool:
    """Whether a connector, whose sources the kit arranges, emitted nothing where it had to."""
    driven = result.cell.connector is not None and result.cell.connector.driver is not None
    return driven and any(finding.unfed for finding in result.findings)


def _next(outcome: Outcome) -> Iterator[Text]:
    """The one thing to do now, where something is left to do."""
    given = {result.verdict for result in outcome.results}
    if any(_unfed(result) for result in outcome.results):
        yield Text(f"next: {_UNFED}")
        return
    told = next((text for verdict, text in _NEXT.items() if verdict in given), None)
    if told is not None:
        yield Text(f"next: {told}")


def _why(result: Result) -> str:
    reason = next((clause.reason for clause in result.clauses if clause.reason), None)
    return reason or "not applicable"


def _subject(outcome: Outcome, result: Result) -> str:
    if result.cell.scenario.kind == "storage":
        return outcome.plan.host.storage_name
    return (result.cell.connector or outcome.plan.host).name


def _near(path: Path) -> str:
    """The path as one types it from here."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)
