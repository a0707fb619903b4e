"""Hosts that tell what was so when they last wrote, and not what is so now: CS-07."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from pdpp_host.domain.evidence import EvidenceRow, Liveness, Policy
from pdpp_host.ports import StorageError
from pdpp_host.services import Services
from pdpp_host.summaries import Summary
from pdpp_plugins.mutants.hosts import breaks, legal

_STALE = "'first' stale at 2026-05-01T11:00:01Z"


def _kept(
    services: Services, keep: Callable[[Summary, Summary], Summary], renewed: Callable[[], bool] | None = None
) -> Services:
    """Services whose summaries are made from an older one of the same evidence and one of now."""
    rendered: dict[tuple[str, int], Summary] = {}

    def synthesise(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> Summary:
        made = services.synthesise(row, now, liveness, policy)
        key = row.connection_id, row.maintenance.version
        if key not in rendered or (renewed is not None and renewed()):
            rendered[key] = made
        return keep(rendered[key], made)

    return dataclasses.replace(services, synthesise=synthesise)


@breaks("CS-07.1/T1", _STALE)
@breaks("CS-07/liveness/T1", "another rendered_verdict")
def renders_once_a_version(services: Services) -> Services:
    """A summary is rendered once for each version of the evidence, and told from then on."""
    return _kept(services, lambda before, now: before)


@breaks("CS-07.1/T1", "another rendered_verdict")
def keeps_the_verdict(services: Services) -> Services:
    """Freshness is worked out at each read; the verdict stays the one that was rendered with the evidence."""

    def keep(before: Summary, now: Summary) -> Summary:
        return msgspec.structs.replace(now, rendered_verdict=before.rendered_verdict)

    return _kept(services, keep)


@breaks("CS-07.1/T1", "another next_action")
def keeps_the_next_action(services: Services) -> Services:
    """What to do next is stored when the evidence is folded."""
    return _kept(services, lambda before, now: msgspec.structs.replace(now, next_action=before.next_action))


@breaks("CS-07.1/T1", "'first' current at 2026-05-01T11:00:00Z")
def is_stale_at_the_threshold(services: Services) -> Services:
    """What is as old as the threshold is taken for older."""
    return _later(services, timedelta(microseconds=1))


@breaks("CS-07.1/T1", _STALE)
def counts_whole_hours(services: Services) -> Services:
    """The time is cut to the hour, so that all that happens within one is as old as its beginning."""

    def synthesise(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> Summary:
        return services.synthesise(row, now.replace(minute=0, second=0), liveness, policy)

    return dataclasses.replace(services, synthesise=synthesise)


@breaks("CS-07.1/T2", _STALE)
def renews_what_it_can_write(services: Services) -> Services:
    """A rendered summary is stored, and another takes its place where that can be written."""

    def renewed() -> bool:
        try:
            with services.storage.write() as unit:
                unit.commit()
        except StorageError:
            return False
        return True

    return _kept(services, lambda before, now: before, renewed)


@breaks("CS-07.1/T2", "the list was answered 503")
def stores_before_it_tells(services: Services) -> Services:
    """A summary is stored before it is told, and what cannot be stored is not told."""

    def synthesise(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> Summary:
        with services.storage.write() as unit:
            unit.commit()
        return services.synthesise(row, now, liveness, policy)

    return dataclasses.replace(services, synthesise=synthesise)


@breaks("CS-07/liveness/T1", "another rendered_verdict")
def takes_runs_for_alive(services: Services) -> Services:
    """A run that was not ended is taken to be under way, whatever became of its process."""

    def synthesise(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> Summary:
        return services.synthesise(row, now, Liveness(liveness.running), policy)

    return dataclasses.replace(services, synthesise=synthesise)


@legal("CS-07.1", "CS-07/liveness")
def says_it_in_other_words(services: Services) -> Services:
    """Verdicts have other labels."""

    def synthesise(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> Summary:
        made = services.synthesise(row, now, liveness, policy)
        verdict = msgspec.structs.replace(made.rendered_verdict, label=made.rendered_verdict.label.upper())
        return msgspec.structs.replace(made, rendered_verdict=verdict)

    return dataclasses.replace(services, synthesise=synthesise)


def _later(services: Services, by: timedelta) -> Services:
    def synthesise(row: EvidenceRow, now: datetime, liveness: Liveness, policy: Policy) -> Summary:
        return services.synthesise(row, now + by, liveness, policy)

    return dataclasses.replace(services, synthesise=synthesise)
