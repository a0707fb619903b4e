"""The table that health, verdict and next action are read from; docs/summaries.md shows it row for row."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from pdpp_host.summaries.facts import (
    CONNECTOR_BROKEN,
    Facts,
    failure,
    incomplete,
    surface_is,
    upload_only,
    worst_gap,
)
from pdpp_host.summaries.shapes import Action, State, Tone


class Rule(Struct, frozen=True):
    """A row: it decides where `holds` is true and no row above it did; `action` None is the worst gap's."""

    name: str
    holds: Callable[[Facts], bool]
    state: State
    label: str
    tone: Tone
    action: Action | None


def _actionable(facts: Facts) -> bool:
    gap = worst_gap(facts)
    return gap is not None and gap.severity == "actionable"


def _failed_for(facts: Facts, reasons: frozenset[str]) -> bool:
    run = failure(facts)
    return run is not None and run.failure_reason in reasons


def _cancelled(facts: Facts) -> bool:
    run = facts.evidence.last_run
    return run is not None and run.status == "cancelled"


def _never(facts: Facts) -> bool:
    return facts.evidence.captured_at is None and facts.evidence.last_successful_run is None


def _not_whole(facts: Facts) -> bool:
    return facts.evidence.captured_at is None


RULES: tuple[Rule, ...] = (
    Rule(
        "evidence_failed", lambda f: f.broken is not None, "unknown", "Cannot be told", "warning", "rebuild"
    ),
    Rule("evidence_missing", lambda f: not f.folded, "unknown", "Not known yet", "neutral", "wait"),
    Rule(
        "superseded", lambda f: f.evidence.superseded_by is not None, "idle", "Superseded", "neutral", "none"
    ),
    Rule("paused", lambda f: f.evidence.paused, "idle", "Paused", "neutral", "resume"),
    Rule(
        "stalled", lambda f: f.running and not f.carried, "needs_attention", "Run stalled", "warning", "retry"
    ),
    Rule(
        "surface_failed",
        lambda f: surface_is(f, "failed"),
        "blocked",
        "Browser surface failed",
        "bad",
        "reconnect",
    ),
    Rule(
        "connector_broken",
        lambda f: _failed_for(f, CONNECTOR_BROKEN),
        "blocked",
        "Connector does not work",
        "bad",
        "update_connector",
    ),
    Rule(
        "identity_failed",
        lambda f: _failed_for(f, frozenset({"identity_failed"})),
        "blocked",
        "Records cannot be told apart",
        "bad",
        "review_identity",
    ),
    Rule("actionable_gap", _actionable, "needs_attention", "Needs you", "warning", None),
    Rule(
        "surface_waiting",
        lambda f: surface_is(f, "waiting"),
        "needs_attention",
        "Waits for a browser",
        "warning",
        "provide_surface",
    ),
    Rule(
        "run_failed", lambda f: failure(f) is not None, "cooling_off", "Last run failed", "warning", "retry"
    ),
    Rule("run_cancelled", _cancelled, "cooling_off", "Last run was cancelled", "warning", "run"),
    Rule("open_gap", incomplete, "degraded", "Incomplete", "warning", None),
    Rule("stale", lambda f: f.freshness == "stale", "degraded", "Out of date", "warning", "run"),
    Rule(
        "awaits_import",
        lambda f: _never(f) and upload_only(f),
        "idle",
        "Nothing imported yet",
        "neutral",
        "import",
    ),
    Rule("never_collected", _never, "idle", "Not collected yet", "neutral", "run"),
    Rule("imported", lambda f: _not_whole(f) and upload_only(f), "idle", "Imported", "neutral", "none"),
    Rule("collected_in_part", _not_whole, "idle", "Collected in part", "neutral", "run"),
    Rule("overdue", lambda f: f.overdue, "healthy", "Up to date, a run is due", "good", "run"),
    Rule("healthy", lambda f: True, "healthy", "Up to date", "good", "none"),
)


def rule_of(facts: Facts) -> Rule:
    """The first row that holds; the last one always does."""
    return next(rule for rule in RULES if rule.holds(facts))
