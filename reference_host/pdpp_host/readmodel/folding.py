"""Folding: from what a database holds of a connection to its evidence, by a few indexed questions."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_host.arguments import RunsQuery
from pdpp_host.domain.entities import Connection, Run
from pdpp_host.domain.evidence import GAPS_SHOWN, Evidence, PathEvidence, RunEvidence
from pdpp_host.domain.known import worst_first
from pdpp_host.ports import View
from pdpp_host.services import Services

_PAGE = 20


def fold(services: Services, view: View, connection: Connection) -> Evidence:
    """The evidence of a connection as a snapshot has it, whatever was known before."""
    connection_id = connection.connection_id
    keys = view.profile_keys(connection_id)
    paths = view.paths(connection_id)
    last = next(runs_of(services, view, connection_id, keys), None)
    succeeded = _Successes(services, view, connection_id, keys)
    gaps = [gap for _, kept in view.open_gaps(connection_id) for gap in kept]
    return Evidence(
        connection_id=connection_id,
        connector_key=connection.connector_key,
        display_name=connection.display_name,
        created_at=connection.created_at,
        paths=tuple(PathEvidence(path.ordinal, path.connector_key, path.method) for path in paths),
        paused=connection.paused,
        superseded_by=connection.superseded_by,
        last_run=None if last is None else run_evidence(services, view, last),
        last_successful_run=None if succeeded.last is None else run_evidence(services, view, succeeded.last),
        captured_at=None if succeeded.whole is None else succeeded.whole.finished_at,
        gaps=tuple(worst_first(gaps)[:GAPS_SHOWN]),
        gap_count=len(gaps),
        surface=view.surface(connection_id),
        maximum_staleness_seconds=_policy(view, {path.connector_key for path in paths}),
        interval_seconds=view.schedule(connection_id),
    )


def runs_of(
    services: Services, view: View, connection_id: str, keys: tuple[str, ...], succeeded: bool = False
) -> Iterator[Run]:
    """The runs that are evidence of a connection, latest first, however many others lie between."""
    before = None
    while page := view.runs_of(RunsQuery(connection_id, keys, succeeded, before, _PAGE)):
        yield from (run for _, run in page if services.matches_run(run, connection_id, keys))
        before = page[-1][0]


def run_evidence(services: Services, view: View, run: Run) -> RunEvidence:
    """A run as summaries tell it, with the reason why it did not complete."""
    return RunEvidence(
        run_id=run.run_id,
        path=run.path,
        status=run.status,
        started_at=run.started_at,
        finished_at=run.finished_at,
        failure_reason=None if run.status in ("active", "completed") else _reason(services, view, run),
        profile_key=run.profile_key,
        narrowed=run.narrowed,
        imported=run.imported,
    )


def _reason(services: Services, view: View, run: Run) -> str | None:
    """Why it did not complete; only a run that never got its browser surface is asked after that."""
    surfaces = run.status == "surface_failed"
    events = view.surface_events(run.connection_id, run.run_id) if surfaces else []
    return services.failure_reason(run, events)


class _Successes:
    """The latest success of a connection, and the latest that was neither narrowed nor an import."""

    def __init__(self, services: Services, view: View, connection_id: str, keys: tuple[str, ...]) -> None:
        self.last: Run | None = None
        self.whole: Run | None = None
        for run in runs_of(services, view, connection_id, keys, succeeded=True):
            self.last = self.last or run
            if not run.narrowed and not run.imported:
                self.whole = run
                return


def _policy(view: View, connectors: set[str]) -> float | None:
    """The shortest staleness that any connector of the connection allows, None where none says."""
    found = (view.connector(key) for key in connectors)
    policies = (each.manifest.refresh_policy for each in found if each is not None)
    limits = [
        policy.maximum_staleness_seconds
        for policy in policies
        if policy is not None and policy.maximum_staleness_seconds is not None
    ]
    return min(limits, default=None)
