"""Hosts that keep from the owner what a connector said of missing partitions: PR-01.1."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from msgspec.structs import replace

from pdpp_host.domain.entities import Gap
from pdpp_host.domain.messages import DetailGap, Done, SkipResult
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks, legal


def _shown(services: Services, change: Callable[[Gap], Gap]) -> Services:
    def changed(message: SkipResult | DetailGap | Done) -> Gap | None:
        gap = services.gap_of(message)
        return None if gap is None else change(gap)

    return dataclasses.replace(services, gap_of=changed)


@breaks("PR-01.1/T3", "stream 'messages' and partition 'beta'; seen []")
def takes_skips_for_news(services: Services) -> Services:
    """Only an error in DONE is a gap; what was skipped is an event of the timeline."""

    def of_errors(message: SkipResult | DetailGap | Done) -> Gap | None:
        return services.gap_of(message) if isinstance(message, Done) else None

    return dataclasses.replace(services, gap_of=of_errors)


@breaks("PR-01.1/T3", "partition 'beta'; seen [{'kind': 'missing_partition'")
def keeps_the_sentence_alone(services: Services) -> Services:
    """A gap has the connector's message, and of its diagnostics nothing."""
    return _shown(services, lambda gap: replace(gap, partitions=None, diagnostics=None))


@breaks("PR-01.1/T3", "stream 'messages' and partition 'delta'")
def shows_the_first_partition(services: Services) -> Services:
    """A gap has room for one partition."""
    return _shown(services, lambda gap: replace(gap, partitions=(gap.partitions or ())[:1], diagnostics=None))


@breaks("PR-01.1/T3", "stream 'messages' and partition 'beta'; seen [{'kind': 'missing_partition', 'reason'")
def forgets_the_stream(services: Services) -> Services:
    """A gap is the connection's, and of which stream it spoke is forgotten."""
    return _shown(services, lambda gap: replace(gap, stream=None))


@legal("PR-01.1")
def shows_gaps_in_its_own_words(services: Services) -> Services:
    """Kind, reason, severity and message of a gap are the host's own."""
    return _shown(
        services,
        lambda gap: replace(gap, kind="incomplete", reason="gone", severity="transient", message=None),
    )


@legal("PR-01.1")
def shows_diagnostics_as_they_are(services: Services) -> Services:
    """Partitions are where the connector named them, not in a field of their own."""
    return _shown(services, lambda gap: replace(gap, partitions=None))
