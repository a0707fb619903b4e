"""Where a plugin meets the kit."""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from pdpp_tck.falsify.declared import Mutant, Variant
from pdpp_tck.reports.writer import ReportWriter
from pdpp_tck.subject import (
    ConfigurableDriver,
    ConnectorWanted,
    Host,
    HostWanted,
    Part,
    Registered,
    SourceDriver,
)

hookspec = pluggy.HookspecMarker("pdpp_tck")
hookimpl = pluggy.HookimplMarker("pdpp_tck")


@hookspec(firstresult=True)
def open_subject(wanted: HostWanted | ConnectorWanted) -> Host | Registered | None:
    """The subject that `wanted` names, or None when it is another plugin's.

    For a HostWanted the answer is a `pdpp_tck.subject.Host`, for a ConnectorWanted a `Registered`
    (manifest, command, environment). Raise `pdpp_tck.subject.SubjectError` with one sentence when
    the name is yours and the subject cannot be opened.
    """


@hookspec
def register_source_drivers() -> Sequence[SourceDriver | ConfigurableDriver]:  # type: ignore[empty-body]
    """Source drivers: each arranges the sources of some connectors so that scenarios can be set.

    `pdpp_tck.subject.SourceDriver` is what a driver offers; a `ConfigurableDriver` makes one from the table
    `[source]` of pdpp-tck.toml. Two drivers of one name are an error.
    """


@hookspec
def report_parts() -> Sequence[Part]:  # type: ignore[empty-body]
    """The parts that runs of this plugin's subjects may need, for `pdpp-tck doctor`.

    Each says whether it is here, and what it is or what is missing. Looking must start nothing.
    """


@hookspec
def register_mutants() -> Sequence[Mutant]:  # type: ignore[empty-body]
    """Subjects with a bug, for `pdpp-tck falsify`: each breaks one clause, and must be caught for it.

    `pdpp_tck.falsify.declared.Mutant` tells what a declaration holds. Two of one name and
    clause are an error.
    """


@hookspec
def register_variants() -> Sequence[Variant]:  # type: ignore[empty-body]
    """Subjects that are legal though made otherwise, for `pdpp-tck falsify`: each must pass.

    `pdpp_tck.falsify.declared.Variant` tells what a declaration holds. Two of one name are an error.
    """


@hookspec
def register_report_writers() -> Sequence[ReportWriter]:  # type: ignore[empty-body]
    """Writers: each tells the one report of a run in another form, as a file beside `report.json`.

    `pdpp_tck.reports.writer.ReportWriter` is what a writer offers. Two of one name or one file are an error.
    """
