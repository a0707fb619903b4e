"""Which rule decides what an owner is told of a connection, case by case (CS-07, docs/summaries.md)."""

from __future__ import annotations

from typing import Any

import pytest

from pdpp_host.summaries import RULES

from .cases import CASES
from .rows import told


@pytest.mark.parametrize(
    ("rule", "more", "action", "reason"),
    [(rule, *case) for rule, cases in CASES.items() for case in cases],
)
def test_rule(rule: str, more: dict[str, Any], action: str, reason: str | None) -> None:
    """The rule decides, with its state, label and tone, over what stands below it in the table."""
    summary = told(**more)
    expected = next(known for known in RULES if known.name == rule)
    assert summary.connection_health.rule == rule
    assert summary.connection_health.state == expected.state
    assert (summary.rendered_verdict.label, summary.rendered_verdict.tone) == (expected.label, expected.tone)
    assert (summary.next_action.action, summary.next_action.reason) == (action, reason)


def test_every_rule_has_a_case() -> None:
    """But for the two that are about rows without good evidence, which are tried on their own."""
    assert [*CASES] == [rule.name for rule in RULES][2:]


@pytest.mark.parametrize(
    ("rule", "state", "tone"),
    [
        ("superseded", "idle", "neutral"),
        ("paused", "idle", "neutral"),
        ("stalled", "needs_attention", "warning"),
        ("surface_failed", "blocked", "bad"),
        ("connector_broken", "blocked", "bad"),
        ("identity_failed", "blocked", "bad"),
        ("actionable_gap", "needs_attention", "warning"),
        ("surface_waiting", "needs_attention", "warning"),
        ("run_failed", "cooling_off", "warning"),
        ("run_cancelled", "cooling_off", "warning"),
        ("open_gap", "degraded", "warning"),
        ("stale", "degraded", "warning"),
        ("awaits_import", "idle", "neutral"),
        ("never_collected", "idle", "neutral"),
        ("imported", "idle", "neutral"),
        ("collected_in_part", "idle", "neutral"),
        ("overdue", "healthy", "good"),
        ("healthy", "healthy", "good"),
    ],
)
def test_state_and_tone(rule: str, state: str, tone: str) -> None:
    """What each rule comes to, told apart from the table."""
    summary = told(**CASES[rule][0][0])
    assert (summary.connection_health.state, summary.rendered_verdict.tone) == (state, tone)
