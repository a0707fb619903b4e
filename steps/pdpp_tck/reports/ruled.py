"""What demands, waivers and the lock did to a run, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_tck.gate.deciding import Decision
from pdpp_tck.gate.judged import Key
from pdpp_tck.gate.lock import Compared
from pdpp_tck.gate.waivers import BAD, Weighed


def conclusion(conformant: bool | None, status: int) -> tuple[str, str]:
    """What is said of a run in the end, and the style in which a terminal says it."""
    if conformant is None:
        return "a selection was judged, which makes nothing conformant", "bold"
    if conformant:
        return "conformant", "bold green"
    if status == 0:
        return "not conformant, but excused by waivers or the lock", "bold yellow"
    return "not conformant", "bold red"


def excused(key: Key, decision: Decision) -> str:
    """What stands behind a scenario's title where it does not gate as written."""
    notes = ["waived"] if any(key == waived for waived, _ in decision.waived) else []
    notes += ["new since lock"] if key in decision.new else []
    return f" ({', '.join(notes)})" if notes else ""


def ruled(decision: Decision) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is the reason for a bad end."""
    for weighed in decision.rules.waivers:
        yield f"waiver {_named(weighed)}: {weighed.state}: {weighed.said}", weighed.state in BAD
    if decision.rules.lock is not None:
        yield from ((line, False) for line in _compared(decision.rules.lock))
    yield from ((line, True) for line in decision.unmet)


def _named(weighed: Weighed) -> str:
    waiver = weighed.waiver
    return f"{waiver.where} {waiver.id or 'without id'} for {waiver.subject or 'nobody'}"


def _compared(lock: Compared) -> Iterator[str]:
    told = "; agree to them with pdpp-tck lock --update"
    if lock.new:
        yield f"new since lock, not gating: {', '.join(lock.new)}{told}"
    if lock.changed:
        yield f"changed since lock, gating all the same: {', '.join(lock.changed)}"
    if lock.spec_changed:
        yield "the specification's clauses have changed since the lock"
    if lock.kit is not None:
        yield f"locked with pdpp-tck {lock.kit}"
