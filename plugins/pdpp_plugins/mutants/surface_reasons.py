"""Hosts that tell another reason than the run's own for a run that got no browser surface: CS-01.2."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import msgspec

from pdpp_host.domain.entities import Run, SpineEvent
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoilt


@breaks("CS-01.2/T1", "'login_wall' of the last run of 'left'")
def knows_terminal_reasons_only(services: Services) -> Services:
    """A run without a terminal reason failed for nothing."""

    def reason(run: Run, events: Sequence[SpineEvent]) -> str | None:
        return run.terminal_reason

    return dataclasses.replace(services, failure_reason=reason)


@breaks("CS-01.2/T1", "'run_timed_out' of the last run of 'right'")
def surface_beats_terminal_reason(services: Services) -> Services:
    """What the surface said goes before the reason with which the run ended."""

    def reason(run: Run, events: Sequence[SpineEvent]) -> str | None:
        without = msgspec.structs.replace(run, terminal_reason=None)
        return services.failure_reason(without, events) or run.terminal_reason

    return dataclasses.replace(services, failure_reason=reason)


@breaks("CS-01.2/T1", "'no_slot' of the last run of 'queued'")
def hears_failures_only(services: Services) -> Services:
    """A surface that was waited for and never came says nothing: only its failure does."""

    def reason(run: Run, events: Sequence[SpineEvent]) -> str | None:
        failures = [event for event in events if event.event_type.endswith(".failed")]
        return services.failure_reason(run, failures)

    return dataclasses.replace(services, failure_reason=reason)


@breaks("CS-01.2/T1", "'nothing that was told' of the last run of 'silent'")
def hears_the_connection(services: Services) -> Services:
    """The last word on the connection's surface is taken, which may be about another run."""

    class OfConnection(Behind):
        def surface_events(self, source_id: str, run_id: str | None = None) -> list[SpineEvent]:
            """Whatever run they are about."""
            found: list[SpineEvent] = self.real.surface_events(source_id)
            return found

    return spoilt(services, OfConnection)


@breaks("CS-01.2/T1", "'login_wall' of the last run of 'left'")
def hears_the_first_word(services: Services) -> Services:
    """Of what a connection's surface said the first word is taken and kept."""

    class First(Behind):
        def surface_events(self, source_id: str, run_id: str | None = None) -> list[SpineEvent]:
            """The earliest."""
            found: list[SpineEvent] = self.real.surface_events(source_id)
            return found[:1]

    return spoilt(services, First)
