"""`spec ack`: a change of the specification is accepted, with the reason kept beside the ledger."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pdpp_tck.features import installed
from pdpp_tck.ledger import LedgerError, read_ledger
from pdpp_tck.ledger.model import digest_of
from pdpp_tck.options import UsageError
from pdpp_tck.reports.place import write_file
from pdpp_tck.specifying.drift import Compared, compare
from pdpp_tck.specifying.rows import Rows
from pdpp_tck.specifying.subject import Ledgers, ledgers_at, spec_at

FILE = "acknowledged.toml"
_HEAD = """\
# Changes of the specification that were accepted with `pdpp-tck spec ack`, oldest first: which field of the
# ledger was what, and why it may be another. Nothing reads it but people.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one entry of the ledger, as it was and as the specification has it now."""

    id: str
    field: str
    was: str
    now: str


def acknowledge(
    ids: Sequence[str], folder: Path, features: Path | None, reason: str, today: date
) -> tuple[list[Change], Path]:
    """Write what has changed of these entries into the ledger; raises UsageError.

    Beside the changes comes the file in which their reason is kept. Nothing is written unless all can be.
    """
    if not reason.strip():
        raise UsageError("--reason is empty: say in a sentence why what is judged is right as it is")
    held = ledgers_at(features)
    known = list(_changes(held, compare(held.ledger, spec_at(folder))))
    changes = [change for id in dict.fromkeys(ids) for change in _changes_of(id, held, known)]
    moved = [rows for rows in held.rows if any(change.id in rows.at for change in changes)]
    _check_places(moved)
    written = {rows.path: _written(rows, held, changes) for rows in moved}
    path = moved[-1].path.with_name(FILE)
    try:
        log = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        for file, text in written.items():
            write_file(file, text)
        write_file(path, log + "".join(_entry(change, reason, today) for change in changes))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be written: {error.strerror}") from None
    return changes, path


def _check_places(moved: Sequence[Rows]) -> None:
    """The ledger of an installed kit is nobody's to edit."""
    ours = installed()
    if ours is not None and any(rows.path.parent == ours for rows in moved):
        told = f"the ledger in use is the installed kit's own, in {ours}"
        raise UsageError(f"{told}; copy that folder, edit the copy, and name it with --features")


def _changes_of(id: str, held: Ledgers, known: Sequence[Change]) -> list[Change]:
    if id not in held.ledger.ids:
        near = held.ledger.nearest(id)
        raise UsageError(f"{id}: unknown; {f'did you mean {near}?' if near else 'see the ids in the ledger'}")
    found = [change for change in known if change.id == id]
    if not found:
        below = dict.fromkeys(c.id for c in known if c.id.startswith((f"{id}/", f"{id}.")))
        hint = f"below it {', '.join(below)} have" if below else "see `pdpp-tck spec check`"
        raise UsageError(f"{id}: nothing of its own has changed that could be accepted; {hint}")
    return found


def _changes(held: Ledgers, compared: Compared) -> Iterator[Change]:
    """Everything that differs and that writing a field anew would settle."""
    for requirement in held.ledger.requirements:
        spec = compared.requirements.get(requirement.id)
        if spec is not None:
            yield from _field(requirement.id, "title", requirement.title, spec.title)
            yield from _field(requirement.id, "change", requirement.change, spec.change or requirement.change)
            yield from _field(requirement.id, "capability", requirement.capability, spec.capability)
        for scenario in requirement.scenarios:
            if scenario.id in compared.scenarios:
                title = compared.scenarios[scenario.id].title
                yield from _field(scenario.id, "title", scenario.title, title)
    for _, pair in compared.pairs:
        levels = {c.mark: c.level for c in pair.sentence.clauses_as(pair.id)} if pair.sentence else {}
        if pair.sentence is None or levels.keys() != {clause.id for clause in pair.clauses}:
            continue
        for clause in pair.clauses:
            yield from _field(clause.id, "hash", clause.hash or "", pair.sentence.hash)
            yield from _field(clause.id, "level", clause.level, levels[clause.id])


def _field(id: str, field: str, was: str, now: str) -> Iterator[Change]:
    if was != now:
        yield Change(id, field, was, now)


def _written(rows: Rows, held: Ledgers, changes: Sequence[Change]) -> str:
    """The text of a ledger file after these changes, its digest too."""
    try:
        for change in changes:
            if change.id in rows.at:
                rows = rows.with_field(change.id, change.field, quoted(change.now))
        if rows.digested:
            now = {change.id: change.now for change in changes if change.field == "hash"}
            mine = [clause for clause in held.ledger.clauses if clause.id in rows.at]
            moved = (replace(clause, hash=now.get(clause.id, clause.hash)) for clause in mine)
            rows = rows.with_digest(quoted(digest_of(moved)))
            _check(rows)
    except LookupError as error:
        raise UsageError(f"{error}; write one field a line, as our own ledger does") from None
    return rows.text


def _check(rows: Rows) -> None:
    """What was written can be read, or nothing is."""
    with tempfile.TemporaryDirectory(prefix="pdpp-tck-") as folder:
        trial = Path(folder) / rows.path.name
        trial.write_text(rows.text, encoding="utf-8", newline="")
        try:
            read_ledger(trial)
        except LedgerError as error:
            told = str(error).replace(str(trial), str(rows.path))
            raise UsageError(f"the ledger would no longer be one: {told}") from None


def quoted(text: str) -> str:
    """A text as TOML has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entry(change: Change, reason: str, today: date) -> str:
    fields = {"id": change.id, "field": change.field, "was": change.was, "now": change.now}
    lines = [f"{name} = {quoted(value)}" for name, value in fields.items()]
    lines += [f"date = {today.isoformat()}", f"reason = {quoted(reason.strip())}"]
    return "\n".join(["", "[[acknowledged]]", *lines, ""])
