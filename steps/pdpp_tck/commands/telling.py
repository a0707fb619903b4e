"""Telling what came of a run: its report in every form, what is printed, and the exit status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from pdpp_tck.commands.formats import ReportFormat
from pdpp_tck.gate.deciding import Decision, Rules, decide
from pdpp_tck.gate.judged import of_result
from pdpp_tck.gate.ruling import Ruling, rules_of
from pdpp_tck.options import UsageError
from pdpp_tck.reports.document import document
from pdpp_tck.reports.place import REPORT, Place, write_file
from pdpp_tck.reports.writer import ReportWriter
from pdpp_tck.reports.writing import as_json, told, write_all
from pdpp_tck.run import Outcome

Writers = Mapping[str, ReportWriter]


def tell(outcome: Outcome, ruling: Ruling, place: Place, writers: Writers, format: ReportFormat) -> int:
    """Write and publish the report, print it, and give the exit status."""
    judged = [of_result(result, outcome.plan.host) for result in outcome.results]
    today = datetime.now(UTC).date()
    decision = decision_on(outcome, rules_of(ruling, outcome.plan, judged, today))
    report = document(outcome, decision)
    if place.building == place.final:
        write_file(place.final / REPORT, as_json(report) + "\n")
    else:
        write_all(report, place.building, writers)
    place.publish()
    show(outcome, decision, report, place.final, format, writers)
    return decision.status


def decision_on(outcome: Outcome, rules: Rules) -> Decision:
    """The decision on everything that was reported."""
    judged = [of_result(result, outcome.plan.host) for result in outcome.results]
    return decide(judged, not outcome.miscounted, bool(outcome.plan.selection), rules)


def show(
    outcome: Outcome,
    decision: Decision,
    report: Mapping[str, Any],
    final: Path,
    format: ReportFormat,
    writers: Writers,
) -> None:
    """Print a run as it was asked for; `final` is the folder in which its evidence is found."""
    if format is ReportFormat.JSON:
        typer.echo(as_json(report))
    elif format is ReportFormat.MARKDOWN:
        if format.value not in writers:
            raise UsageError(f"no installed plugin writes {format.value}; there are {', '.join(writers)}")
        typer.echo(told(writers[format.value], report, final))
    else:
        # What draws tables takes longer to import than most of the rest.
        from pdpp_tck.reports.table import print_table

        print_table(outcome, decision, final)
