"""From a user's options to a plan: features read, ledger read, subjects opened."""

from __future__ import annotations

import difflib
import json
import os
import random
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pluggy

from pdpp_tck.contract import with_contract
from pdpp_tck.features import FeatureError, Scenario, features_root, read_features
from pdpp_tck.ledger import Ledger, LedgerError, read_ledger
from pdpp_tck.lint import lint
from pdpp_tck.options import Options, UsageError
from pdpp_tck.plan import Plan
from pdpp_tck.plugins import PluginError, connector, load_plugins, open_connector, open_host
from pdpp_tck.subject import (
    CLAIMS,
    Connector,
    ConnectorWanted,
    Host,
    HostWanted,
    Registered,
    SubjectError,
)

OWN_CONNECTORS = ("folder", "mailbox")


def assemble(options: Options) -> Plan:
    """The plan for `options`; raises UsageError for what the checks before a run find."""
    features, scenarios, ledger = read_requirements(options.features)
    _check_names(options, ledger)
    try:
        return _opened(options, features, scenarios, ledger, load_plugins(options.plugins))
    except (PluginError, SubjectError) as error:
        raise UsageError(str(error)) from None


def read_requirements(features: Path | None) -> tuple[Path, list[Scenario], Ledger]:
    """The features' folder, its scenarios and its ledger, once lint finds nothing; raises UsageError."""
    root = (features or features_root()).resolve()
    try:
        scenarios = read_features(root)
        ledger = read_ledger(root / "requirements.toml")
    except (FeatureError, LedgerError) as error:
        raise UsageError(str(error)) from None
    problems = lint(root, scenarios, ledger)
    if problems:
        raise UsageError("\n".join(problems))
    return root, scenarios, ledger


def _opened(
    options: Options,
    features: Path,
    scenarios: list[Scenario],
    ledger: Ledger,
    manager: pluggy.PluginManager,
) -> Plan:
    connectors = _connectors(manager, options)
    named = bool(options.connectors or options.command)
    reports = _reports(options)
    try:
        host = _host(manager, options)
    except SubjectError:
        shutil.rmtree(reports)
        raise
    # The contract takes seconds of its own, so it is run where the storage was named, or it was.
    asked = options.storage is not None or any(name.startswith("ST") for name in options.selection)
    ledger = with_contract(ledger, host.contract if asked else ())
    plan = Plan(
        features=features,
        scenarios=tuple(scenarios),
        ledger=ledger,
        connectors=connectors,
        host=host,
        host_is_subject=not named or options.host != "reference",
        storage_is_subject=options.storage is not None or (not named and options.host == "reference"),
        reports=reports,
        seed=options.seed if options.seed is not None else random.SystemRandom().randrange(2**32),
        selection=options.selection,
        advice=options.advice or (not named and options.host == "reference"),
    )
    if not plan.obliged():
        host.close()
        shutil.rmtree(reports)
        raise UsageError(f"none of {', '.join(sorted(options.selection))} judges what was named")
    return plan


def _connectors(manager: pluggy.PluginManager, options: Options) -> tuple[Connector, ...]:
    """The connectors to judge: those named, the one behind the command, or our own."""
    claims, driver, plugins = options.claims, options.source_driver, options.plugins
    if options.command:
        if options.manifest is None:
            raise UsageError("a command needs its manifest: name it with --manifest FILE")
        if shutil.which(options.command[0]) is None:
            raise UsageError(f"the command {options.command[0]!r} is not there or cannot be executed")
        schema = (options.features or features_root()) / "schemas" / "manifest.json"
        known = Registered(_manifest(options.manifest, schema), options.command, {})
        return (connector(manager, known, claims, driver),)
    if options.host != "reference" and not options.connectors:
        return ()
    names = options.connectors or OWN_CONNECTORS
    return tuple(open_connector(manager, ConnectorWanted(name, plugins), claims, driver) for name in names)


def _host(manager: pluggy.PluginManager, options: Options) -> Host:
    home = Path(tempfile.mkdtemp(prefix="pdpp-tck-host-"))
    return open_host(manager, HostWanted(options.host, options.storage or "sqlite", home, options.plugins))


def _manifest(path: Path, schema: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"--manifest {path}: cannot be read as JSON: {error}") from None
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")))
    wrong = next(iter(validator.iter_errors(manifest)), None)
    if wrong is not None:
        where = "/".join(map(str, wrong.instance_path)) or "the top"
        raise UsageError(f"--manifest {path}: at {where}: {wrong.message}")
    found: dict[str, Any] = manifest
    return found


def _reports(options: Options) -> Path:
    """A fresh folder for this run's evidence and reports."""
    made = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}"
    root = options.report or Path("reports")
    try:
        (root / made).mkdir(parents=True)
    except OSError as error:
        raise UsageError(
            f"cannot write to {str(root)!r}: {error.strerror}; name a folder with --report"
        ) from None
    return (root / made).resolve()


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
