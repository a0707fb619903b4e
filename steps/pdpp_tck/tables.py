"""TOML files that users write: every mistake in one is told with file, line, field and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pdpp_tck.options import UsageError

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"^\s*(\"[^\"]*\"|'[^']*'|[\w-]+)\s*=")


class TableError(UsageError):
    """A file cannot be used as it is written; the message begins with file and line."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file; `name` is how it is headed, empty for the file itself."""

    file: Path
    name: str
    values: Mapping[str, object]
    lines: Mapping[str, int]

    @property
    def line(self) -> int:
        """Where the table begins."""
        return self.lines.get(self.name, 1)

    def wrong(self, field: str, what: str) -> TableError:
        """The error that a field is wrong, with its line and value."""
        line = self.lines.get(self._path(field), self.line)
        value = f"{field} = {self.values[field]!r}" if field in self.values else field
        place = f"[{self.name}] " if self.name else ""
        return TableError(f"{self.file}:{line}: {place}{value}: {what}")

    def only(self, *fields: str) -> None:
        """Refuse any other field, so that a misspelt one is not silently without effect."""
        for field in self.values:
            if field not in fields:
                raise self.wrong(field, f"is no field here; known are {', '.join(fields)}")

    def text(self, field: str) -> str | None:
        """A text that is not empty, or None where there is none."""
        value = self.values.get(field)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.wrong(field, 'give a text, as "…"')
        return value

    def day(self, field: str) -> date | None:
        """A date without a time, or None where there is none."""
        value = self.values.get(field)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise self.wrong(field, "give a date without quotes, as 2027-01-31")
        return value

    def table(self, field: str) -> Table | None:
        """A table inside this one, or None where there is none."""
        value = self.values.get(field)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(field, f"give a table, as [{self._path(field)}]")
        return Table(self.file, self._path(field), value, self.lines)

    def tables(self, field: str) -> tuple[Table, ...]:
        """The tables of an array, none where there is none."""
        value = self.values.get(field, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.wrong(field, f"give tables, each below [[{self._path(field)}]]")
        path = self._path(field)
        return tuple(Table(self.file, f"{path}[{n}]", one, self.lines) for n, one in enumerate(value, 1))

    def _path(self, field: str) -> str:
        return f"{self.name}.{field}" if self.name else field


def read_tables(path: Path) -> Table:
    """The file as a table; raises TableError for one that is not there or no TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        return Table(path, "", tomllib.loads(text), _lines(text))
    except OSError as error:
        raise TableError(f"{path}: cannot be read: {error.strerror}; name a TOML file") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line.group(1)}" if line else str(path)
        raise TableError(f"{where}: is no TOML: {error}; mend the line") from None
    except UnicodeDecodeError as error:
        raise TableError(f"{path}: is not UTF-8: {error}; save it as UTF-8") from None


def _lines(text: str) -> dict[str, int]:
    """The line of each table and field, by its path; `waiver[2].id` is the second waiver's."""
    found: dict[str, int] = {}
    counted: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = header.group(2)
            if header.group(1) == "[[":
                counted[table] = counted.get(table, 0) + 1
                table = f"{table}[{counted[table]}]"
            found.setdefault(table, number)
        elif key:
            name = key.group(1).strip("\"'")
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found
