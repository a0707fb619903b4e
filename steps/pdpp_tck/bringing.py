"""From a command line and a pdpp-tck.toml to the connector that somebody brought along."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pluggy

from pdpp_tck.manifest import read_manifest
from pdpp_tck.options import Options, UsageError
from pdpp_tck.plugins import connector
from pdpp_tck.settings import NAME, ConnectorSettings, Settings, Table, find_settings
from pdpp_tck.subject import CLAIMS, ArrangedSource, Connector, Item, Registered, SourceDriver
from pdpp_tck.templates import TIMES, filled, times, unknown


def settings_for(options: Options) -> Settings | None:
    """The settings that count: the file that is named, else this folder's where no other part is named."""
    others = options.connectors or (options.host != "reference" and not options.command)
    if others and options.config is not None:
        raise UsageError("--config is for the connector that it describes: leave it out, or the other part")
    settings = None if others else find_settings(options.config, Path())
    if not brings(options, settings):
        for name, given in (("--manifest", options.manifest), ("--legacy-state", options.legacy_state)):
            if given is not None:
                raise UsageError(f"{name} is that of a command: give the command after --, or leave it out")
    return settings


def brings(options: Options, settings: Settings | None) -> bool:
    """Whether a connector was brought along, by a command or by a file."""
    return bool(options.command) or (settings is not None and settings.connector is not None)


def brought(
    manager: pluggy.PluginManager, options: Options, settings: Settings | None, schema: Path
) -> Connector:
    """The connector that was brought along; what the command line says outranks the file."""
    told = settings.connector if settings else None
    source = settings.source if settings else None
    command = options.command or (told.command if told else ())
    folder = told.folder if told and not options.command else None
    _startable(command, folder, told)
    manifest = read_manifest(_manifest(options, told), schema)
    claims = options.claims | (_claims(told) if told else frozenset())
    driver, table = _driver(options, source)
    known = Registered(manifest, command, dict(told.environment) if told else {})
    made = connector(manager, known, claims, driver, table)
    legacy = options.legacy_state or (told.legacy_state if told else None)
    if legacy is not None:
        made = _with_legacy(made, legacy)
    made = replace(made, folder=folder, where=_where(source) if driver is None and source else {})
    return replace(made, patience_s=told.run_s) if told else made


def _startable(command: tuple[str, ...], folder: Path | None, told: ConnectorSettings | None) -> None:
    """Refuse a command that is not there, looked for from the folder in which it is to run."""
    first = command[0]
    path = str(folder / first) if folder and "/" in first else first
    if shutil.which(path) is None:
        what = f"the command {first!r} is not there or cannot be executed"
        if folder and told:
            told.table.refuse("command", what)
        raise UsageError(what)


def _manifest(options: Options, told: ConnectorSettings | None) -> Path:
    if options.manifest is not None:
        return options.manifest
    if told is None:
        raise UsageError(
            f"a command needs its manifest: name it with --manifest FILE, or in {NAME}, which `init` writes"
        )
    if not told.manifest.is_file():
        told.table.refuse("manifest", f"there is no file {str(told.manifest)!r}")
    return told.manifest


def _claims(told: ConnectorSettings) -> frozenset[str]:
    known = sorted(CLAIMS["connector"])
    for claim in sorted(told.claims):
        if claim not in known:
            told.table.refuse("claims", f"{claim!r} is unknown; known are {', '.join(known)}")
    return told.claims


def _driver(options: Options, source: Table | None) -> tuple[str | None, Table | None]:
    """The name of the driver, and the table that configures it where the table is about that one."""
    named = source.text("driver") if source and "driver" in source.values else None
    chosen = options.source_driver or named
    return chosen, source if chosen is not None and chosen == named else None


def _where(source: Table) -> dict[str, str]:
    """The source that every run is given, where nothing arranges one."""
    source.only("root", "base_url")
    root = source.path_to("root")
    if root is not None and not root.exists():
        source.refuse("root", f"there is nothing at {str(root)!r}")
    found = {"root": str(root.resolve())} if root else {}
    return found | ({"base_url": source.text("base_url")} if "base_url" in source.values else {})


def _with_legacy(made: Connector, file: Path) -> Connector:
    """The connector with an older cursor, which a file gives as a template."""
    cursor = _read_legacy(file)
    if made.driver is None:
        raise UsageError(
            f"--legacy-state {file}: nothing arranges a source; name a driver with --source-driver"
        )
    driver = _Older(made.driver, cursor)
    return replace(made, driver=driver, claims=made.claims | {"legacy_cursor"})


def _read_legacy(file: Path) -> dict[str, Any]:
    try:
        cursor = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"--legacy-state {file}: cannot be read as JSON: {error}") from None
    strange = unknown(cursor, TIMES)
    if not isinstance(cursor, dict) or strange:
        what = f"{{{strange}}} is no time" if strange else "is no object, as a cursor is"
        places = ", ".join(f"{{{name}}}" for name in TIMES)
        raise UsageError(f"--legacy-state {file}: {what}; write the older cursor with {places} for its time")
    if filled(cursor, times(datetime.min.replace(year=2000))) == cursor:
        raise UsageError(f'--legacy-state {file}: names no time; put "{{at}}" or "{{epoch}}" where it stands')
    return cursor


class _Older:
    """A driver with another older cursor than its own."""

    def __init__(self, driver: SourceDriver, cursor: dict[str, Any]) -> None:
        self.name, self.stream, self.connectors = driver.name, driver.stream, driver.connectors
        self.claims = driver.claims | {"legacy_cursor"}
        self._driver, self._cursor = driver, cursor

    def open(self, home: Path) -> ArrangedSource:
        return self._driver.open(home)

    def key(self, item: Item) -> str | list[str]:
        return self._driver.key(item)

    def resource(self, partition: str) -> str:
        return self._driver.resource(partition)

    def legacy_cursor(self, at: datetime) -> dict[str, Any] | None:
        made: dict[str, Any] = filled(self._cursor, times(at))
        return made
