"""Judging: `run` asks subjects, `replay` reads what was recorded."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pdpp_tck.assembly import assemble
from pdpp_tck.authors.folder import find_folder
from pdpp_tck.authors.modules import enter
from pdpp_tck.commands.formats import ReportFormat
from pdpp_tck.commands.refusing import interrupted, refuse
from pdpp_tck.commands.selecting import selected
from pdpp_tck.commands.telling import decision_on, show, tell
from pdpp_tck.gate.deciding import Rules
from pdpp_tck.gate.ruling import Ruling, check_names, read_ruling
from pdpp_tck.options import Options, UsageError
from pdpp_tck.plan import Plan
from pdpp_tck.plugins import PluginError, load_plugins
from pdpp_tck.replay import replay_plan
from pdpp_tck.reports.document import document
from pdpp_tck.reports.place import REPORT, Place, fresh_place, place_at
from pdpp_tck.reports.progress import watched
from pdpp_tck.reports.writing import report_writers
from pdpp_tck.run import Outcome, carry_out
from pdpp_tck.workers import usable_cores


def run(
    command: Annotated[list[str] | None, typer.Argument(help="A connector to judge, after --.")] = None,
    connector: Annotated[list[str] | None, typer.Option(help="An installed connector to judge.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="The manifest of the connector after --.")] = None,
    claim: Annotated[list[str] | None, typer.Option(help="A capability that the connector has.")] = None,
    source_driver: Annotated[str | None, typer.Option(help="What arranges the connector's source.")] = None,
    host: Annotated[str, typer.Option(help="The host: reference, or a URL to judge.")] = "reference",
    storage: Annotated[
        str | None, typer.Option(help="Judge this storage too: sqlite, postgres or a URL.")
    ] = None,
    select: Annotated[list[str] | None, typer.Option(help="Ids to judge, as PR-01,PR-03.2.")] = None,
    advice: Annotated[bool, typer.Option("--advice", help="Judge a stranger on advice too.")] = False,
    faults: Annotated[bool, typer.Option("--faults", help="Judge a connector under faults too.")] = False,
    features: Annotated[Path | None, typer.Option(help="A folder of features beside the kit's own.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="The folder for the report in every form; it is replaced whole.")
    ] = None,
    format: Annotated[ReportFormat, typer.Option(help="What is printed.")] = ReportFormat.TEXT,
    waivers: Annotated[Path | None, typer.Option(help="A TOML file of what may fail for a time.")] = None,
    lock: Annotated[
        Path | None, typer.Option(help="The lock; pdpp-tck.lock where there is one and none is named.")
    ] = None,
    spec: Annotated[
        Path | None, typer.Option(help="The specification: what changed in it since is stale.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Repeat a run's chances.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Scenarios judged at once; as many as cores if not named.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Another pdpp-tck.toml than this folder's.")] = None,
    legacy_state: Annotated[
        Path | None, typer.Option(help="The connector's older cursor for all partitions, as a template.")
    ] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="Load this module as a plugin too.")] = None,
) -> None:
    """Judge connectors, the reference host and its storage; exit 0 when all conform."""
    options = Options(
        connectors=tuple(connector or ()),
        command=tuple(command or ()),
        manifest=manifest,
        claims=frozenset(claim or ()),
        source_driver=source_driver,
        host=host,
        storage=storage,
        selection=selected(select),
        advice=advice,
        faults=faults,
        features=features,
        seed=seed,
        plugins=tuple(plugin or ()),
        workers=workers or usable_cores(),
        config=config,
        legacy_state=legacy_state,
        spec=spec,
    )
    _run(options, report, format, waivers, lock)


def _run(
    options: Options, report: Path | None, format: ReportFormat, waivers: Path | None, lock: Path | None
) -> None:
    """One run into one place; what ends early leaves the place as it was."""
    place: Place | None = None
    with _heeding_signals():
        try:
            ruling = read_ruling(Path(), waivers, lock)
            # A plugin may be a module of the author's folder.
            enter(find_folder(options.features))
            writers = report_writers(load_plugins(options.plugins))
            place = fresh_place() if report is None else place_at(report, (w.file for w in writers.values()))
            for line in place.cut:
                typer.echo(f"pdpp-tck: {line}", err=True)
            outcome = _judged(_planned(options, ruling, place))
            status = tell(outcome, ruling, place, writers, format)
        except (UsageError, PluginError) as error:
            refuse(str(error))
        except KeyboardInterrupt:
            interrupted(_kept(place))
        finally:
            if place is not None:
                place.abandon()
    raise typer.Exit(status)


def _planned(options: Options, ruling: Ruling, place: Place) -> Plan:
    """The plan that writes into the place; raises UsageError."""
    advice = options.advice or ruling.demands.advice
    plan = assemble(replace(options, folder=place.building, advice=advice))
    try:
        check_names(ruling, plan)
    except UsageError:
        plan.close()
        raise
    return plan


def _judged(plan: Plan) -> Outcome:
    """Carry a plan out, and let go of what it opened."""
    try:
        with watched(plan) as listening:
            return carry_out(listening)
    finally:
        plan.close()


def _kept(place: Place | None) -> str:
    if place is None or place.final == place.building:
        return "no report was made"
    held = (place.final / REPORT).exists()
    return f"{place.final} {'still holds the report of a run before it' if held else 'was not made'}"


@contextmanager
def _heeding_signals() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does: nothing half-written stays, and what stays is said."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def replay(
    evidence: Annotated[list[Path], typer.Argument(help="Evidence files, or folders that hold some.")],
    features: Annotated[Path | None, typer.Option(help="A folder of features beside the kit's own.")] = None,
    format: Annotated[ReportFormat, typer.Option(help="What is printed.")] = ReportFormat.TEXT,
) -> None:
    """Judge recorded evidence again without running anything."""
    try:
        plan = replay_plan(evidence, features)
        outcome = _judged(plan)
        decision = decision_on(outcome, Rules())
        writers = report_writers(load_plugins())
        show(outcome, decision, document(outcome, decision), plan.reports, format, writers)
    except UsageError as error:
        refuse(str(error))
    raise typer.Exit(outcome.status)
