"""Waivers: what may fail for a time, for whom, why, and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pdpp_tck.assembly import nearest
from pdpp_tck.gate.judged import Judged, Key
from pdpp_tck.ledger import Ledger
from pdpp_tck.tables import Table, read_tables
from pdpp_tck.verdict import Verdict

State = Literal["used", "unselected", "stale", "unmatched", "expired", "incomplete"]
BAD: frozenset[State] = frozenset({"stale", "unmatched", "expired", "incomplete"})
_FIELDS = ("id", "subject", "reason", "issue", "owner", "expires")
_GOOD = (Verdict.PASSED, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of the file; a field that was left out is None and makes it incomplete."""

    where: str
    id: str | None
    subject: str | None
    reason: str | None
    issue: str | None
    owner: str | None
    expires: date | None

    @property
    def missing(self) -> list[str]:
        """The fields that were left out."""
        return [field for field in _FIELDS if getattr(self, field) is None]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What became of a waiver, and the clauses on which it has its effect."""

    waiver: Waiver
    state: State
    said: str
    covers: frozenset[tuple[Key, str]] = frozenset()


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file; raises TableError with file and line for what is no waiver at all."""
    table = read_tables(path)
    table.only("waiver")
    return tuple(map(_waiver, table.tables("waiver")))


def weigh(
    waivers: Iterable[Waiver],
    judged: Sequence[Judged],
    ledger: Ledger,
    today: date,
    selected: Callable[[str], bool],
) -> tuple[Weighed, ...]:
    """Each waiver against what was judged; only one that is used covers anything."""
    return tuple(_weighed(waiver, judged, ledger, today, selected) for waiver in waivers)


def _weighed(
    waiver: Waiver,
    judged: Sequence[Judged],
    ledger: Ledger,
    today: date,
    selected: Callable[[str], bool],
) -> Weighed:
    if waiver.missing:
        return Weighed(waiver, "incomplete", f"lacks {', '.join(waiver.missing)}")
    assert waiver.id is not None
    assert waiver.expires is not None
    if waiver.expires < today:
        told = f"expired on {waiver.expires}; mend what it waives, or agree on another day"
        return Weighed(waiver, "expired", told)
    wanted = _meant(waiver.id, ledger)
    known = [s.id for s in ledger.judged] + [c.id for s in ledger.judged for c in s.clauses]
    if wanted not in known:
        return Weighed(waiver, "unmatched", f"is no scenario or clause; {nearest(wanted, known)}")
    if not selected(wanted.partition("/T")[0]):
        return Weighed(waiver, "unselected", "is not among what was selected")
    return _matched(waiver, wanted, judged)


def _matched(waiver: Waiver, wanted: str, judged: Sequence[Judged]) -> Weighed:
    here = [j for j in judged if wanted == j.id or wanted in {clause.id for clause in j.clauses}]
    mine = [j for j in here if j.subject == waiver.subject]
    if not mine:
        names = sorted({j.subject for j in here})
        told = nearest(waiver.subject or "", names) if names else "no subject was"
        return Weighed(waiver, "unmatched", f"{waiver.subject!r} was not judged on it; {told}")
    covered = frozenset(
        (j.key, clause.id)
        for j in mine
        for clause in j.clauses
        if wanted in (j.id, clause.id) and clause.verdict not in (*_GOOD, Verdict.ERROR)
    )
    faults = any(c.verdict is Verdict.ERROR for j in mine for c in j.clauses if wanted in (j.id, c.id))
    if covered or faults:
        return Weighed(waiver, "used", f"until {waiver.expires}", covered)
    return Weighed(waiver, "stale", "nothing of it fails; remove the waiver")


def _meant(identifier: str, ledger: Ledger) -> str:
    """The clause by which another is observed, where that is another."""
    return ledger.observation(identifier).id if identifier in {c.id for c in ledger.clauses} else identifier


def _waiver(table: Table) -> Waiver:
    table.only(*_FIELDS)
    return Waiver(
        f"{table.file.name}:{table.line}",
        table.text("id"),
        table.text("subject"),
        table.text("reason"),
        table.text("issue"),
        table.text("owner"),
        table.day("expires"),
    )
