"""Hosts that let a run speak for more than it was entitled to: CI-02."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from pdpp_host.domain.endings import Ending
from pdpp_host.domain.entities import CoverageClaim, Gap
from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.messages import DetailGap, Done, SkipResult, StreamScope
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks

Pardon = Callable[[CoverageClaim, StreamScope, Ending], bool]
LOST = "exactly the records a, b, c of 'first' in the list; seen a (note ca978112ca1b) 1 times"


def _pardons(services: Services, pardons: Pardon) -> Services:
    """The services with claims that have authority where `pardons` says so of what was denied."""

    def decided(
        claim: CoverageClaim,
        scope: StreamScope,
        manifest: Manifest,
        end: Ending,
        gaps: Collection[str | None],
    ) -> CoverageClaim:
        found = services.coverage(claim, scope, manifest, end, gaps)
        if pardons(found, scope, end):
            return msgspec.structs.replace(found, authority=True, denied=None)
        return found

    return dataclasses.replace(services, coverage=decided)


@breaks("CI-02.1/T1", "exactly the records a, b, c, d of 'first' in the list; seen d (note")
def takes_windows_for_claims(services: Services) -> Services:
    """A run of a window is taken to have seen all of that window."""
    widened = _pardons(services, lambda claim, scope, end: scope.time_range is not None)
    return dataclasses.replace(widened, reconciles=lambda *asked: True)


@breaks("CI-02.1/T1", "b (note 3e23e8160039) 1 times, d (note")
def takes_its_own_window_for_seen(services: Services) -> Services:
    """A run of a window removes what its path saw there earlier and does not see any more."""
    return _pardons(services, lambda claim, scope, end: scope.time_range is not None)


@breaks("CI-02/not-entitled/T1", LOST)
def needs_no_claim(services: Services) -> Services:
    """A run of a whole stream that ends well has authority without having claimed it."""
    return _pardons(services, lambda claim, scope, end: claim.denied == "not_claimed")


@breaks("CI-02/not-entitled/T1", LOST)
def takes_the_mode_for_a_claim(services: Services) -> Services:
    """A run that started without a cursor, in the mode `full_refresh`, has authority."""
    without: list[StreamScope] = []

    def start_state(
        manifest: Manifest, streams: tuple[StreamScope, ...], committed: dict[str, Any]
    ) -> dict[str, Any] | None:
        state = services.start_state(manifest, streams, committed)
        without.extend(() if state else streams)
        return state

    def full(claim: CoverageClaim, scope: StreamScope, end: Ending) -> bool:
        return end.status == "completed" and any(scope is each for each in without)

    return _pardons(dataclasses.replace(services, start_state=start_state), full)


@breaks("CI-02/not-entitled/T1", LOST)
def overlooks_what_was_left_out(services: Services) -> Services:
    """What the connector says that it left out is for the owner to read, and for nobody else."""
    return _pardons(services, lambda claim, scope, end: claim.denied == "incomplete")


def _overlooks(services: Services, trifle: Callable[[Gap], bool]) -> Services:
    """The services with runs that are thought to be whole where all their gaps are trifles."""
    gaps: list[Gap] = []

    def gap_of(message: SkipResult | DetailGap | Done) -> Gap | None:
        found = services.gap_of(message)
        gaps.extend(() if found is None else (found,))
        return found

    def forgiven(claim: CoverageClaim, scope: StreamScope, end: Ending) -> bool:
        trifles = claim.denied == "incomplete" and all(map(trifle, gaps))
        gaps.clear()
        return trifles

    return _pardons(dataclasses.replace(services, gap_of=gap_of), forgiven)


@breaks("CI-02/not-entitled/T1", LOST)
def overlooks_what_the_owner_left_out(services: Services) -> Services:
    """What is left out for a reason that worries nobody is thought to have been seen."""
    return _overlooks(services, lambda gap: gap.severity == "informational")


@breaks("CI-02/not-entitled/T1", LOST)
def overlooks_detail_gaps(services: Services) -> Services:
    """Only a skip leaves something out; a gap in the details does not."""
    return _overlooks(services, lambda gap: gap.kind == "detail_gap")


@breaks("CI-02/not-entitled/T1", LOST)
def overlooks_how_the_run_ended(services: Services) -> Services:
    """What a run did not see is removed however it ended."""
    return _pardons(services, lambda claim, scope, end: claim.denied == "run_not_completed")


def _despite(services: Services, rule: str) -> Services:
    return _pardons(
        services, lambda claim, scope, end: end.violation is not None and end.violation.rule == rule
    )


@breaks("CI-02/not-entitled/T1", LOST)
def takes_done_for_the_end(services: Services) -> Services:
    """A run that said DONE is whole, with whatever status its process then exits."""
    return _despite(services, "exit_status_mismatch")


@breaks("CI-02/not-entitled/T1", LOST)
def never_counts(services: Services) -> Services:
    """A run is whole although not all came that DONE counts."""
    return _despite(services, "done_count_mismatch")


@breaks("CI-02/not-entitled/T1", LOST)
def lets_cancelled_runs_speak(services: Services) -> Services:
    """An owner's cancel after the last STATE is taken for an end."""
    return _pardons(services, lambda claim, scope, end: end.status == "cancelled")


@breaks("CI-02/not-entitled/T1", LOST)
def overlooks_narrowed_fields(services: Services) -> Services:
    """A run of some fields is thought to have seen every record."""
    return _pardons(services, lambda claim, scope, end: scope.fields is not None and scope.resources is None)


@breaks("CI-02/not-entitled/T1", LOST)
def overlooks_narrowed_resources(services: Services) -> Services:
    """A run of some resources removes all the others."""
    return _pardons(services, lambda claim, scope, end: scope.resources is not None)
