"""What helps next, and what a run under way changes of it (CS-07, docs/summaries.md)."""

from __future__ import annotations

from typing import Any

import pytest

from pdpp_host.domain.evidence import Liveness

from .cases import DAY
from .rows import AT, gap, run, told


@pytest.mark.parametrize(
    ("hint", "action"),
    [
        ({"action": "retry_by_runtime"}, "run"),
        ({"action": "retry_on_connector_upgrade"}, "update_connector"),
        ({"action": "refresh_credentials"}, "fix_credentials"),
        ({"action": "manual_action_required"}, "act_at_source"),
        ({"action": "update_selector"}, "adjust_selection"),
        ({"action": "upstream_unblock"}, "wait"),
        ({"action": "not_retriable"}, "review_gaps"),
        ({"action": "unknown"}, "review_gaps"),
        ({"action": "sing"}, "review_gaps"),
        ({"action": ["refresh_credentials"]}, "review_gaps"),
        ({}, "review_gaps"),
        (None, "review_gaps"),
    ],
)
@pytest.mark.parametrize("severity", ["actionable", "recoverable", "transient"])
def test_a_gap_names_the_action(hint: dict[str, Any] | None, action: str, severity: Any) -> None:
    """The hint of the worst gap chooses; one that nobody understands is for the owner to look at."""
    informational = gap("informational", recovery_hint={"action": "update_selector"})
    assert told(gaps=(informational, gap(severity, recovery_hint=hint))).next_action.action == action


@pytest.mark.parametrize("carrier", ["alive", "unknown"])
@pytest.mark.parametrize(
    "more",
    [{}, {"gaps": (gap("actionable"),)}, {"captured_at": None}, {"now": AT + 2 * DAY}, {"paused": True}],
)
def test_a_run_under_way(carrier: Any, more: dict[str, Any]) -> None:
    """It hides nothing that was known before; what helps next is to wait for it."""
    before = told(**more)
    for liveness, last_run in (
        (Liveness(True, carrier), run()),
        (Liveness(False, carrier), run(run_id="run_2", status="active", finished_at=None)),
    ):
        summary = told(**more, liveness=liveness, last_run=last_run)
        assert summary.connection_health == before.connection_health
        assert summary.rendered_verdict == before.rendered_verdict
        assert summary.freshness == before.freshness
        assert (summary.next_action.action, summary.next_action.reason) == ("wait", "run_active")


def test_liveness_alone() -> None:
    """With nothing else changed the carrier's death turns the verdict."""
    active = {"last_run": run(status="active", finished_at=None)}
    alive, dead = (told(**active, liveness=Liveness(True, carrier)) for carrier in ("alive", "dead"))
    assert (alive.connection_health.state, alive.rendered_verdict.tone) == ("healthy", "good")
    assert (dead.connection_health.state, dead.rendered_verdict.tone) == ("needs_attention", "warning")
