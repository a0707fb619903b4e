"""The rules of a run: what its files say, held against what it judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pdpp_tck.assembly import nearest
from pdpp_tck.gate.deciding import Rules
from pdpp_tck.gate.demands import Demands, find_demands
from pdpp_tck.gate.judged import Judged
from pdpp_tck.gate.lock import FILE, Lock, compare, lock_of, read_lock
from pdpp_tck.gate.waivers import Waiver, read_waivers, weigh
from pdpp_tck.options import UsageError
from pdpp_tck.plan import Plan


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was settled before the run: the demands, the waivers as they were written, and the lock."""

    demands: Demands
    waivers: tuple[Waiver, ...]
    lock: Lock | None


def read_ruling(folder: Path, waivers: Path | None, lock: Path | None) -> Ruling:
    """What the files say, those named here before those of the folder's settings; raises UsageError."""
    demands = find_demands(folder)
    waivers, lock = waivers or demands.waivers, lock or demands.lock
    if lock is None and (folder / FILE).exists():
        lock = folder / FILE
    return Ruling(
        demands,
        read_waivers(waivers) if waivers else (),
        read_lock(lock) if lock else None,
    )


def check_names(ruling: Ruling, plan: Plan) -> None:
    """Refuse a demand for what does not exist, before anything runs; raises UsageError."""
    known = [r.id for r in plan.ledger.headings] + [s.id for s in plan.ledger.judged]
    for name in ruling.demands.requires:
        if name not in known:
            raise UsageError(f"[gate] requires {name!r}: no requirement or scenario; {nearest(name, known)}")


def rules_of(ruling: Ruling, plan: Plan, judged: Sequence[Judged], today: date) -> Rules:
    """The rules, once it is known what was judged."""
    weighed = weigh(ruling.waivers, judged, plan.ledger, today, plan.selected)
    now = lock_of(plan.scenarios, plan.ledger)
    return Rules(ruling.demands, weighed, compare(ruling.lock, now) if ruling.lock else None)
