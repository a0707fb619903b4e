"""From verdicts to an exit status, with demands, waivers and the lock; docs/verdicts.md is its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pdpp_tck.gate.demands import Demands, unmet
from pdpp_tck.gate.judged import Judged, Key
from pdpp_tck.gate.lock import Compared, name_of
from pdpp_tck.gate.waivers import BAD, Weighed
from pdpp_tck.verdict import ClauseVerdict, Verdict, exit_status

_GATE_THEIR_SUBJECT = (None, "body", "contract")


@dataclass(frozen=True, slots=True)
class Rules:
    """What is to be kept beside the clauses; the empty rules are those of a plain run."""

    demands: Demands = field(default_factory=Demands)
    waivers: tuple[Weighed, ...] = ()
    lock: Compared | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run comes to.

    `conformant` looks through waivers and lock: it is true only where nothing was excused, and null for a
    selection. `waived` are clauses that a waiver excuses, `new` scenarios that the lock does not know.
    """

    status: int
    conformant: bool | None
    waived: frozenset[tuple[Key, str]]
    new: frozenset[Key]
    rules: Rules
    unmet: tuple[str, ...] = ()


def decide(judged: Sequence[Judged], accounted: bool, selected: bool, rules: Rules | None = None) -> Decision:
    """The decision on a run of which `judged` is everything that was reported."""
    rules = rules or Rules()
    waived = frozenset(pair for weighed in rules.waivers for pair in weighed.covers)
    new = frozenset(j.key for j in judged if _is_new(j, rules.lock))
    unseen, far = unmet(rules.demands, tuple(judged), len(waived))
    gone = () if rules.lock is None else rules.lock.gone
    unseen += [f"lock: {name} is locked and no longer in these features" for name in gone]
    left = [c.verdict for j in judged for c in j.clauses if _counts(j, c, rules, waived, new)]
    bad = any(weighed.state in BAD for weighed in rules.waivers)
    status = exit_status(left, _applicable(judged, new, selected), accounted and not unseen, bad or bool(far))
    excused = any(_gating(c, rules.demands) and not _good(c) for j in judged for c in j.clauses)
    conformant = None if selected else status == 0 and not excused
    return Decision(status, conformant, waived, new, rules, (*unseen, *far))


def _counts(
    judged: Judged,
    clause: ClauseVerdict,
    rules: Rules,
    waived: frozenset[tuple[Key, str]],
    new: frozenset[Key],
) -> bool:
    """Whether a clause's verdict counts for the status; an error always does, for it is the kit's."""
    if clause.verdict is Verdict.ERROR:
        return True
    excused = (judged.key, clause.id) in waived or judged.key in new
    return _gating(clause, rules.demands) and not excused


def _gating(clause: ClauseVerdict, demands: Demands) -> bool:
    return clause.gates or demands.may


def _good(clause: ClauseVerdict) -> bool:
    return clause.verdict in (Verdict.PASSED, Verdict.NOT_APPLICABLE)


def _is_new(judged: Judged, lock: Compared | None) -> bool:
    # The contract of a storage comes with the host and is in no feature that could be locked.
    return (
        lock is not None
        and judged.derived != "contract"
        and (name_of(judged.id, judged.kind) not in lock.names)
    )


def _applicable(judged: Sequence[Judged], new: frozenset[Key], selected: bool) -> bool:
    """Whether every subject had a scenario that applies to it: the spec's or `@body`, or any selected.

    One that is new since the lock does not gate, so it is not enough.
    """
    seen: dict[tuple[str, str], bool] = {}
    for j in judged:
        applies = (selected or j.derived in _GATE_THEIR_SUBJECT) and j.verdict is not Verdict.NOT_APPLICABLE
        applies = applies and j.key not in new
        seen[j.kind, j.subject] = seen.get((j.kind, j.subject), False) or applies
    return bool(seen) and all(seen.values())
