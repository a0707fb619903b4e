"""What would help next, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pdpp_host.summaries.facts import Facts, bounded, failure, worst_gap
from pdpp_host.summaries.rules import Rule
from pdpp_host.summaries.shapes import Action, NextAction

BY_HINT: Mapping[str, Action] = {
    "retry_by_runtime": "run",
    "retry_on_connector_upgrade": "update_connector",
    "refresh_credentials": "fix_credentials",
    "manual_action_required": "act_at_source",
    "update_selector": "adjust_selection",
    "upstream_unblock": "wait",
    "not_retriable": "review_gaps",
    "unknown": "review_gaps",
}

# No run helps these: one wants the host mended, in the other it is the run that waits.
NOT_BY_WAITING = frozenset({"evidence_failed", "surface_waiting"})


def next_action(rule: Rule, facts: Facts) -> NextAction:
    """The rule's action, or to wait while a run is under way whose carrier may be alive."""
    if facts.running and facts.carried and rule.name not in NOT_BY_WAITING:
        return NextAction("wait", "run_active")
    action = rule.action or _by_gap(facts)
    return NextAction(action) if action == "none" else NextAction(action, reason_of(rule, facts) or rule.name)


def reason_of(rule: Rule, facts: Facts) -> str | None:
    """What a rule goes by, in the evidence's words, at most 200 characters; None where its name tells."""
    reason = _REASONS.get(rule.name)
    return None if reason is None else bounded(reason(facts)) or None


def _by_gap(facts: Facts) -> Action:
    """What the worst gap's hint asks for; without one that is understood the owner had better look."""
    gap = worst_gap(facts)
    hint: Any = None if gap is None or gap.recovery_hint is None else gap.recovery_hint.get("action")
    return BY_HINT.get(hint, "review_gaps") if isinstance(hint, str) else "review_gaps"


def _failure(facts: Facts) -> str | None:
    run = failure(facts)
    return None if run is None else run.failure_reason


def _gap(facts: Facts) -> str | None:
    gap = worst_gap(facts)
    return None if gap is None else gap.reason


def _surface(facts: Facts) -> str | None:
    return None if facts.evidence.surface is None else facts.evidence.surface.reason


def _cancel(facts: Facts) -> str | None:
    return None if facts.evidence.last_run is None else facts.evidence.last_run.failure_reason


_REASONS: Mapping[str, Callable[[Facts], str | None]] = {
    "evidence_failed": lambda facts: facts.broken,
    "superseded": lambda facts: facts.evidence.superseded_by,
    "surface_failed": _surface,
    "connector_broken": _failure,
    "identity_failed": _failure,
    "actionable_gap": _gap,
    "surface_waiting": _surface,
    "run_failed": _failure,
    "run_cancelled": _cancel,
    "open_gap": _gap,
}
