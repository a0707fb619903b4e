"""From a user's options to a plan: features read, ledger read, subjects opened."""

from __future__ import annotations

import difflib
import os
import random
import shutil
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pluggy

from pdpp_tck.authors.folder import LEDGER, Folder, find_folder
from pdpp_tck.authors.rows import read_beside
from pdpp_tck.bringing import brings, brought, settings_for
from pdpp_tck.contract import with_contract
from pdpp_tck.features import FeatureError, Scenario, features_root, read_features
from pdpp_tck.ledger import Ledger, LedgerError, read_ledger
from pdpp_tck.lint import lint
from pdpp_tck.options import Options, UsageError
from pdpp_tck.plan import Plan
from pdpp_tck.plugins import PluginError, load_plugins, open_connector, open_host
from pdpp_tck.settings import Settings
from pdpp_tck.specifying.standing import Standing, standing
from pdpp_tck.subject import (
    CLAIMS,
    Connector,
    ConnectorWanted,
    Host,
    HostWanted,
    SubjectError,
)

OWN_CONNECTORS = ("folder", "mailbox")


def assemble(options: Options) -> Plan:
    """The plan for `options`; raises UsageError for what the checks before a run find."""
    _check_together(options)
    features, scenarios, ledger = read_requirements(options.features)
    _check_names(options, ledger)
    try:
        return _opened(options, features, scenarios, ledger, load_plugins(options.plugins))
    except (PluginError, SubjectError) as error:
        raise UsageError(str(error)) from None


def read_requirements(features: Path | None) -> tuple[Path, list[Scenario], Ledger]:
    """The features' folder, all scenarios and the ledger, once lint finds nothing; raises UsageError.

    An author's folder that stands beside ours brings scenarios and rows besides, and our folder is told.
    """
    folder = find_folder(features)
    try:
        root, scenarios, ledger = read_all(folder)
    except (FeatureError, LedgerError) as error:
        raise UsageError(str(error)) from None
    problems = lint(root, scenarios, ledger, folder)
    if problems:
        raise UsageError("\n".join(problems))
    return root, scenarios, ledger


def read_all(folder: Folder | None) -> tuple[Path, list[Scenario], Ledger]:
    """What `read_requirements` reads, before lint; raises FeatureError, LedgerError, UsageError."""
    root = (folder.root if folder and folder.whole else features_root()).resolve()
    if folder is None or folder.whole:
        return root, read_features(root), read_ledger(root / LEDGER)
    ledger = read_beside(root / LEDGER, folder.ledger)
    return root, [*read_features(root), *read_features(folder.root)], ledger


def _opened(
    options: Options,
    features: Path,
    scenarios: list[Scenario],
    ledger: Ledger,
    manager: pluggy.PluginManager,
) -> Plan:
    settings = settings_for(options)
    stands = standing(options.spec, ledger) if options.spec is not None else Standing()
    connectors = _connectors(manager, options, settings, features)
    named = bool(options.connectors) or brings(options, settings)
    reports, opened = _reports(options), ExitStack()
    try:
        host = _host(manager, options, opened)
        # The contract takes seconds of its own, so it is run where the storage was named, or it was.
        asked = options.storage is not None or any(name.startswith("ST") for name in options.selection)
        plan = Plan(
            features=features,
            author=find_folder(options.features),
            scenarios=tuple(scenarios),
            ledger=with_contract(ledger, host.contract if asked else ()),
            connectors=connectors,
            host=host,
            host_is_subject=not named or options.host != "reference",
            storage_is_subject=options.storage is not None or (not named and options.host == "reference"),
            reports=reports,
            seed=options.seed if options.seed is not None else random.SystemRandom().randrange(2**32),
            selection=options.selection,
            advice=options.advice or (not named and options.host == "reference"),
            workers=options.workers if host.concurrent else 1,
            faults=options.faults,
            opened=opened,
            stale=stands.stale,
            sentences=stands.sentences,
        )
        if not plan.obliged():
            raise UsageError(f"none of {', '.join(sorted(options.selection))} judges what was named")
    except BaseException:
        opened.close()
        shutil.rmtree(reports)
        raise
    return plan


def _connectors(
    manager: pluggy.PluginManager, options: Options, settings: Settings | None, features: Path
) -> tuple[Connector, ...]:
    """The connectors to judge: those named, the one that was brought along, or our own."""
    claims, driver, plugins = options.claims, options.source_driver, options.plugins
    if brings(options, settings):
        return (brought(manager, options, settings, features / "schemas" / "manifest.json"),)
    if options.host != "reference" and not options.connectors:
        return ()
    # One that is named twice is judged once.
    names = dict.fromkeys(options.connectors or OWN_CONNECTORS)
    return tuple(open_connector(manager, ConnectorWanted(name, plugins), claims, driver) for name in names)


def _host(manager: pluggy.PluginManager, options: Options, opened: ExitStack) -> Host:
    """The host, which `opened` closes; its folder goes with it, whether it used it or not."""
    home = Path(tempfile.mkdtemp(prefix="pdpp-tck-host-"))
    opened.callback(shutil.rmtree, home, ignore_errors=True)
    host = open_host(manager, HostWanted(options.host, options.storage or "sqlite", home, options.plugins))
    opened.callback(host.close)
    return host


def _reports(options: Options) -> Path:
    """A fresh folder for this run's evidence and reports, or the one that was made for it."""
    if options.folder is not None:
        return options.folder
    made = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}"
    root = options.report or Path("reports")
    try:
        (root / made).mkdir(parents=True)
    except OSError as error:
        raise UsageError(
            f"cannot write to {str(root)!r}: {error.strerror}; name a folder with --report"
        ) from None
    return (root / made).resolve()


def _check_together(options: Options) -> None:
    """No option is left without effect: one that would be is a mistake of whoever gave it."""
    if options.command and options.connectors:
        raise UsageError("--connector and a command after -- are two ways to say what to judge: give one")
    if options.host != "reference" and not (options.command or options.connectors):
        for name, given in (("--claim", options.claims), ("--source-driver", options.source_driver)):
            if given:
                raise UsageError(
                    f"{name} is for a connector and --host names none: give one, or leave it out"
                )


def _check_names(options: Options, ledger: Ledger) -> None:
    for claim in sorted(options.claims):
        known = sorted(CLAIMS["connector"])
        if claim not in known:
            raise UsageError(f"--claim {claim}: unknown; {nearest(claim, known)}")
    for name in sorted(options.selection):
        known = [r.id for r in ledger.headings] + [s.id for s in ledger.judged]
        if name not in known and not name.startswith("ST"):
            raise UsageError(f"--select {name}: unknown; {nearest(name, known)}")


def nearest(name: str, known: list[str]) -> str:
    """What a mistyped name was probably meant to be, or all the known ones."""
    folded = {other.casefold(): other for other in known}
    near = difflib.get_close_matches(name.casefold(), folded, 1, 0.5)
    return f"did you mean {folded[near[0]]}?" if near else f"known are {', '.join(known)}"
