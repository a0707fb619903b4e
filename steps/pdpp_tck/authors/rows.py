"""An author's ledger read beside ours: rows of requirements of its own, and rows more for some of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pdpp_tck.features import requirement_of
from pdpp_tck.ledger import Ledger
from pdpp_tck.ledger.entry import Entry
from pdpp_tck.ledger.errors import DuplicateId
from pdpp_tck.ledger.model import digest_of
from pdpp_tck.ledger.reading import ledger_of, parsed
from pdpp_tck.options import UsageError

_BELOW = ("clause", "scenario", "derived")
_HEAD = ("title", "change", "capability")


def read_beside(ours: Path, theirs: Path) -> Ledger:
    """Both ledgers as one, ours first; raises LedgerError, and UsageError for a row that ours has."""
    known, added = parsed(ours), parsed(theirs)
    Entry(theirs, "the file", added).only("ledger_version", "requirement")
    mine = ledger_of(ours, known)
    rows = {str(row["id"]): row for row in _tables(known["requirement"])}
    shadows: list[str] = []
    entries = Entry(theirs, "the file", added).entries("requirement")
    for entry in entries:
        identifier = entry.text("id")
        if [other.text("id") for other in entries].count(identifier) > 1:
            raise DuplicateId(theirs, identifier)
        shadows += _shadows(entry, mine, rows.get(identifier, {}))
        rows[identifier] = _joined(rows.get(identifier, {}), entry.table)
    if shadows:
        raise UsageError("\n".join(shadows))
    both = {**known, "ledger_version": added.get("ledger_version"), "requirement": list(rows.values())}
    ledger = ledger_of(theirs, both)
    return replace(ledger, digest=digest_of(ledger.clauses))


def line_of(file: Path, identifier: str) -> int:
    """The line on which a ledger gives something this id; the first where it cannot be found."""
    given = re.compile(rf"\s*id\s*=\s*[\"']{re.escape(identifier)}[\"']")
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if given.match(line)), 1)


def _shadows(entry: Entry, ours: Ledger, known: Mapping[str, Any]) -> Iterator[str]:
    """What a requirement's rows say of what is ours; a requirement of ours may be given more scenarios."""
    identifier = entry.text("id")
    if requirement_of(identifier) != identifier:
        where, taken = f"{entry.file}:{line_of(entry.file, identifier)}", requirement_of(identifier)
        yield f"{where}: the ids {taken}-… are those of rules of ours; begin {identifier} otherwise"
    for field in _HEAD:
        if known and entry.table.get(field, known[field]) != known[field]:
            where = f"{entry.file}:{line_of(entry.file, identifier)}"
            told = f"{field} {entry.table[field]!r} is not ours, {known[field]!r}"
            yield f"{where}: {identifier} is a requirement of ours and its {told}; leave {field} out"
    titles = {scenario.title.casefold(): scenario.id for scenario in ours.judged}
    for below in _entries(entry):
        own = below.text("id")
        where = f"{entry.file}:{line_of(entry.file, own)}"
        if own in ours.ids:
            yield f"{where}: the id {own} is one of ours; give another"
        title = str(below.table.get("title", "")).casefold()
        if title in titles:
            yield f"{where}: the title {below.table['title']!r} is that of {titles[title]}; give another"


def _entries(entry: Entry) -> Iterator[Entry]:
    for field in _BELOW:
        yield from entry.entries(field) if field in entry.table else ()


def _joined(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """One requirement's rows, those of theirs after ours."""
    both = {field: [*ours.get(field, ()), *theirs.get(field, ())] for field in _BELOW if ours}
    return {**theirs, **ours, **{field: rows for field, rows in both.items() if rows}}


def _tables(value: object) -> list[dict[str, Any]]:
    assert isinstance(value, list), "our own ledger has requirements"
    return value
