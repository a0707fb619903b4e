"""The gaps of a path that are open once a run of it has ended."""

from __future__ import annotations

from pdpp_host.domain.entities import Run
from pdpp_host.ports import Unit
from pdpp_host.services import Services


def open_gaps(services: Services, unit: Unit, run: Run) -> None:
    """Have those gaps open that a run leaves, as it ends; a run that is nobody's leaves none."""
    if not services.matches_run(run, run.connection_id, unit.profile_keys(run.connection_id)):
        return
    before = next((gaps for path, gaps in unit.open_gaps(run.connection_id) if path == run.path), ())
    after = services.open_after(before, run)
    if after != before:
        unit.put_open_gaps(run.connection_id, run.path, after)
