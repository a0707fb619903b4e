"""`pdpp-tck.toml`: what a project has to say once and not at every run, with errors that name the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from pdpp_tck.options import UsageError

NAME = "pdpp-tck.toml"
_HEADER = re.compile(r"^\s*\[+\s*([^\[\]]+?)\s*\]+\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\s*(?:\.[^=]*)?=")
Lines = Mapping[tuple[str, ...], int]


class SettingsError(UsageError):
    """The file cannot be used as it is; one sentence with file, line, key and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the file: its values, each asked for by the kind of thing that it has to be."""

    file: Path
    path: tuple[str, ...]
    values: Mapping[str, Any]
    lines: Lines

    def refuse(self, key: str | None, what: str) -> NoReturn:
        """Raise SettingsError about a key of this table, or about the table itself."""
        where = (*self.path, *([key] if key else []))
        line = self.lines.get(where) or self.lines.get(self.path) or 1
        name = f"[{'.'.join(self.path)}] {key or ''}".strip()
        raise SettingsError(f"{self.file}:{line}: {name}: {what}")

    def only(self, *known: str) -> None:
        """Refuse any other key, so that a misspelt one is not silently without effect."""
        for key in self.values:
            if key not in known:
                self.refuse(key, f"unknown; known are {', '.join(known)}")

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; without a default it has to be there."""
        value = self.values.get(key, default)
        if value is None:
            self.refuse(key, "is missing; give a text")
        if not isinstance(value, str) or not value:
            self.refuse(key, f"{value!r} is no text, or empty; give a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty where the key is not there."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(part, str) and part for part in value):
            self.refuse(key, f'{value!r} is no list of texts; write ["one", "two"]')
        return tuple(value)

    def number(self, key: str, default: float) -> float:
        """A number above zero."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            self.refuse(key, f"{value!r} is no number above zero")
        return float(value)

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """One text of a closed list, the first of them where the key is not there."""
        value = self.text(key, known[0])
        if value not in known:
            self.refuse(key, f"{value!r} is unknown; known are {', '.join(known)}")
        return value

    def pairs(self, key: str) -> dict[str, str]:
        """A table of texts, empty where the key is not there."""
        value = self.values.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
            self.refuse(key, f'{value!r} is no table of texts; write {{ NAME = "value" }}')
        return dict(value)

    def path_to(self, key: str) -> Path | None:
        """A path, which is relative to the file's own folder; None where the key is not there."""
        return self.folder / self.text(key) if key in self.values else None

    def table(self, key: str) -> Table | None:
        """A table inside this one, None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.refuse(key, f"{value!r} is no table; write [{'.'.join((*self.path, key))}]")
        return Table(self.file, (*self.path, key), value, self.lines)

    @property
    def folder(self) -> Path:
        """The folder in which the file lies."""
        return self.file.parent


@dataclass(frozen=True, slots=True)
class ConnectorSettings:
    """The connector that a project is about; `run_s` is how long one of its runs may take.

    `table` is where all of it stands, for a refusal to name the line.
    """

    table: Table
    command: tuple[str, ...]
    folder: Path
    manifest: Path
    environment: Mapping[str, str]
    claims: frozenset[str]
    legacy_state: Path | None
    run_s: float


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says: `connector` and `source` for a run, `gate` for whoever judges its outcome."""

    file: Path
    connector: ConnectorSettings | None = None
    source: Table | None = None
    gate: Table | None = None


RUN_S = 120.0


def find_settings(named: Path | None, folder: Path) -> Settings | None:
    """The settings in the named file, else the folder's, if it has any; raises SettingsError."""
    file = named or folder / NAME
    if named is None and not file.is_file():
        return None
    return read_settings(file)


def read_settings(file: Path) -> Settings:
    """The settings in a file; raises SettingsError with file, line and what to do."""
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}; `pdpp-tck init` writes one") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}:{_line_in(str(error))}: is not TOML: {error}") from None
    top = Table(file, (), values, _lines(text))
    top.only("connector", "source", "gate")
    connector = top.table("connector")
    return Settings(
        file, _connector(connector) if connector else None, top.table("source"), top.table("gate")
    )


def _connector(table: Table) -> ConnectorSettings:
    table.only("command", "cwd", "manifest", "environment", "claims", "legacy_state", "limits")
    command = table.texts("command")
    if not command:
        table.refuse("command", 'is missing; write command = ["./my-connector"]')
    folder = table.path_to("cwd") or table.folder
    if not folder.is_dir():
        table.refuse("cwd", f"{str(folder)!r} is no folder")
    limits = table.table("limits")
    if limits:
        limits.only("run_s")
    return ConnectorSettings(
        table,
        command,
        folder.resolve(),
        table.path_to("manifest") or table.folder / "manifest.json",
        table.pairs("environment"),
        frozenset(table.texts("claims")),
        table.path_to("legacy_state"),
        limits.number("run_s", RUN_S) if limits else RUN_S,
    )


def _lines(text: str) -> Lines:
    """The line of each table and key, the first where one stands in several."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = tuple(part.strip().strip("\"'") for part in header.group(1).split("."))
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key.group(1).strip("\"'")), number)
    return found


def _line_in(told: str) -> int:
    found = re.search(r"line (\d+)", told)
    return int(found.group(1)) if found else 1
