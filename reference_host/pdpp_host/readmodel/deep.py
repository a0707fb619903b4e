"""The deep look at one connection: its runs, its last success behind any number of them (CS-04.2)."""

from __future__ import annotations

from itertools import islice

from msgspec import Struct

from pdpp_host.domain.entities import Run
from pdpp_host.ports import View
from pdpp_host.readmodel.folding import run_evidence, runs_of
from pdpp_host.services import Services

RUNS = 20


class DeepRun(Struct, frozen=True):
    """A run, and why it did not complete, where it did not."""

    run: Run
    failure_reason: str | None


class DeepHistory(Struct, frozen=True):
    """The latest runs of a connection, and its last success however far back."""

    runs: tuple[DeepRun, ...]
    last_successful_run: DeepRun | None


def history_of(services: Services, view: View, connection_id: str) -> DeepHistory:
    """A connection's run history, from the runs themselves; it errs rather than fall back on evidence."""
    keys = view.profile_keys(connection_id)
    latest = tuple(islice(runs_of(services, view, connection_id, keys), RUNS))
    success = next(runs_of(services, view, connection_id, keys, succeeded=True), None)
    return DeepHistory(
        tuple(_deep(services, view, run) for run in latest),
        None if success is None else _deep(services, view, success),
    )


def _deep(services: Services, view: View, run: Run) -> DeepRun:
    return DeepRun(run, run_evidence(services, view, run).failure_reason)
