"""What a host may know of a connection, by the rule that decides then, with action and reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pdpp_host.domain.evidence import Liveness, PathEvidence

from .rows import AT, DEAD, HOUR, POLICY, evidence, gap, run, surface

DAY = timedelta(seconds=POLICY.maximum_staleness_seconds)
UPLOAD = (PathEvidence(0, "archive", "owner_artifact"),)
LATER = run(run_id="run_2", started_at=AT + HOUR, finished_at=AT + 2 * HOUR)


def failed(reason: str | None, status: str = "failed", **more: Any) -> dict[str, Any]:
    """A last run that ended so."""
    return {"last_run": run(run_id="run_2", status=status, failure_reason=reason, **more)}


CASES: dict[str, list[tuple[dict[str, Any], str, str | None]]] = {
    "superseded": [({"superseded_by": "conn_2", "paused": True}, "none", None)],
    "paused": [({"paused": True, **failed("launch_failed")}, "resume", "paused")],
    "stalled": [
        ({"liveness": DEAD}, "retry", "stalled"),
        ({"liveness": Liveness(False, "dead"), "last_run": run(status="active")}, "retry", "stalled"),
        ({"liveness": DEAD, "surface": surface("failed")}, "retry", "stalled"),
    ],
    "surface_failed": [
        ({"surface": surface("failed")}, "reconnect", "no_browser"),
        ({"surface": surface("failed", reason=None)}, "reconnect", "surface_failed"),
        ({"surface": surface("failed", profile_key="k"), "last_run": LATER}, "reconnect", "no_browser"),
        ({"surface": surface("failed"), "last_run": LATER}, "reconnect", "no_browser"),
        (
            {"surface": surface("failed", profile_key="k"), "last_successful_run": run(profile_key="k")},
            "reconnect",
            "no_browser",
        ),
        (
            {"surface": surface("failed", run_id="run_2"), **failed("run_timed_out")},
            "reconnect",
            "no_browser",
        ),
        ({"surface": surface("failed"), **failed("launch_failed")}, "reconnect", "no_browser"),
    ],
    "connector_broken": [
        *(
            (failed(reason), "update_connector", reason)
            for reason in (
                "launch_failed",
                "connector_protocol_violation",
                "connector_stdin_closed",
                "connector_exit_without_done",
            )
        ),
        (failed("launch_failed", "surface_failed"), "update_connector", "launch_failed"),
        ({**failed("launch_failed"), "gaps": (gap("actionable"),)}, "update_connector", "launch_failed"),
    ],
    "identity_failed": [(failed("identity_failed"), "review_identity", "identity_failed")],
    "actionable_gap": [
        ({"gaps": (gap("actionable"),)}, "review_gaps", "source_shut"),
        ({"gaps": (gap(), gap("actionable", reason="worse"))}, "review_gaps", "worse"),
        ({"gaps": (gap("actionable"),), "surface": surface("waiting")}, "review_gaps", "source_shut"),
        ({"gaps": (gap("actionable"),), **failed("run_timed_out")}, "review_gaps", "source_shut"),
    ],
    "surface_waiting": [
        ({"surface": surface("waiting")}, "provide_surface", "no_browser"),
        ({"surface": surface("waiting"), "last_run": run(status="active")}, "provide_surface", "no_browser"),
        (
            {"surface": surface("waiting", run_id="run_9"), **failed("run_timed_out")},
            "provide_surface",
            "no_browser",
        ),
        (
            {"surface": surface("waiting", run_id="run_2"), **failed("no_browser", "surface_failed")},
            "provide_surface",
            "no_browser",
        ),
    ],
    "run_failed": [
        *(
            (failed(reason), "retry", reason or "run_failed")
            for reason in (
                "run_timed_out",
                "storage_failed",
                "host_stopped",
                "connector_reported_failed",
                None,
            )
        ),
        (failed("no_surface", "surface_failed"), "retry", "no_surface"),
        ({**failed("run_timed_out"), "gaps": (gap(),)}, "retry", "run_timed_out"),
        ({**failed("run_timed_out"), "now": AT + 2 * DAY}, "retry", "run_timed_out"),
        (
            {**failed("run_timed_out"), "surface": surface("waiting", run_id="run_2")},
            "retry",
            "run_timed_out",
        ),
    ],
    "run_cancelled": [
        (failed("owner_cancelled", "cancelled"), "run", "owner_cancelled"),
        (
            {"surface": surface("waiting", run_id="run_2"), **failed("owner_cancelled", "cancelled")},
            "run",
            "owner_cancelled",
        ),
        ({**failed(None, "cancelled"), "gaps": (gap(),)}, "run", "run_cancelled"),
        (failed("launch_failed", "cancelled"), "run", "launch_failed"),
    ],
    "open_gap": [
        ({"gaps": (gap(),)}, "review_gaps", "source_shut"),
        ({"gaps": (gap("transient"),)}, "review_gaps", "source_shut"),
        ({"gap_count": 3}, "review_gaps", "open_gap"),
        ({"gaps": (gap("informational"), gap("transient"), gap())}, "review_gaps", "source_shut"),
        ({"gaps": (gap(),), "now": AT + 2 * DAY}, "review_gaps", "source_shut"),
        ({"gaps": (gap(),), "captured_at": None}, "review_gaps", "source_shut"),
    ],
    "stale": [
        ({"now": AT + DAY + timedelta(microseconds=1)}, "run", "stale"),
        ({"now": AT + 2 * DAY, "interval_seconds": 60.0}, "run", "stale"),
        ({"maximum_staleness_seconds": 60.0}, "run", "stale"),
        ({"maximum_staleness_seconds": 0.0}, "run", "stale"),
    ],
    "awaits_import": [
        (
            {"captured_at": None, "last_run": None, "last_successful_run": None, "paths": UPLOAD},
            "import",
            "awaits_import",
        )
    ],
    "never_collected": [
        ({"captured_at": None, "last_run": None, "last_successful_run": None}, "run", "never_collected"),
        (
            {"captured_at": None, "last_run": None, "last_successful_run": None, "paths": ()},
            "run",
            "never_collected",
        ),
    ],
    "imported": [({"captured_at": None, "paths": UPLOAD, "interval_seconds": 1.0}, "none", None)],
    "collected_in_part": [
        ({"captured_at": None}, "run", "collected_in_part"),
        ({"captured_at": None, "paths": UPLOAD + evidence().paths}, "run", "collected_in_part"),
    ],
    "overdue": [({"interval_seconds": 3600.0}, "run", "overdue")],
    "healthy": [
        ({}, "none", None),
        ({"now": AT + DAY}, "none", None),
        ({"interval_seconds": 3 * 3600.0}, "none", None),
        ({"gaps": (gap("informational"),), "gap_count": 9}, "none", None),
        ({"surface": surface("leased")}, "none", None),
        ({"surface": surface("released")}, "none", None),
        ({"surface": surface("failed", run_id="run_1")}, "none", None),
        ({"surface": surface("waiting", run_id="run_1")}, "none", None),
        (
            {
                "surface": surface("failed", profile_key="k"),
                "last_successful_run": run(profile_key="k", finished_at=AT + HOUR),
            },
            "none",
            None,
        ),
        ({"liveness": Liveness(False, "dead")}, "none", None),
    ],
}
