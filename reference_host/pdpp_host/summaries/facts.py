"""What the rules look at: a connection's evidence and what is so at the moment of reading."""

from __future__ import annotations

from typing import get_args

from msgspec import Struct

from pdpp_host.domain.entities import Gap, Severity
from pdpp_host.domain.evidence import Evidence, RunEvidence, SurfaceEvidence, SurfaceStatus
from pdpp_host.summaries.freshness import utc
from pdpp_host.summaries.shapes import FreshnessStatus

REASON = 200
CONNECTOR_BROKEN = frozenset(
    {
        "launch_failed",
        "connector_protocol_violation",
        "connector_stdin_closed",
        "connector_exit_without_done",
    }
)
_WORST_FIRST: tuple[Severity, ...] = get_args(Severity)


class Facts(Struct, frozen=True):
    """One connection at one moment.

    `folded` says whether there is evidence at all, `broken` why it could not be made anew; `running`
    whether a run is under way, `carried` whether its process may be alive.
    """

    evidence: Evidence
    folded: bool
    broken: str | None
    freshness: FreshnessStatus
    overdue: bool
    running: bool
    carried: bool


def failure(facts: Facts) -> RunEvidence | None:
    """The last run, where it failed; one that never got its browser surface did."""
    run = facts.evidence.last_run
    return run if run is not None and run.status in ("failed", "surface_failed") else None


def worst_gap(facts: Facts) -> Gap | None:
    """The first of the most severe open gaps, informational ones aside."""
    gaps = [gap for gap in facts.evidence.gaps if gap.severity != "informational"]
    return min(gaps, key=lambda gap: _WORST_FIRST.index(gap.severity), default=None)


def incomplete(facts: Facts) -> bool:
    """Whether a gap is open that matters; gaps of which none is shown are taken for such."""
    return worst_gap(facts) is not None or (facts.evidence.gap_count > 0 and not facts.evidence.gaps)


def surface_is(facts: Facts, status: SurfaceStatus) -> bool:
    """Whether that was the last word on the browser surface and nothing has overtaken it."""
    surface = facts.evidence.surface
    return surface is not None and surface.status == status and not _overtaken(surface, facts.evidence)


def upload_only(facts: Facts) -> bool:
    """Whether all that the connection can get is what its owner uploads."""
    paths = facts.evidence.paths
    return bool(paths) and all(path.method == "owner_artifact" for path in paths)


def bounded(text: str | None) -> str | None:
    """The text, cut to 200 characters."""
    return text if text is None or len(text) <= REASON else text[: REASON - 1] + "…"


def _overtaken(surface: SurfaceEvidence, evidence: Evidence) -> bool:
    """Whether a run got past what the surface said, or waits no more."""
    runs = (evidence.last_run, evidence.last_successful_run)
    return any(run is not None and _past(run, surface) for run in runs)


def _past(run: RunEvidence, surface: SurfaceEvidence) -> bool:
    own = run.run_id == surface.run_id
    if run.status == "completed" and run.finished_at is not None:
        same = run.profile_key is not None and run.profile_key == surface.profile_key
        return own or (same and utc(run.finished_at) >= utc(surface.at))
    return own and surface.status == "waiting" and run.status in ("failed", "cancelled")
